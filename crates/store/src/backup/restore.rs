//! Restoring a backup.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use worksmith_kernel::{Error, Result, Value};

use super::lines::{Line, Lines};
use super::read::{Backup, Piece};
use super::{BackupStep, BackupSteps, Manifest, Unread};
use crate::dump::export::{ExportError, export};
use crate::dump::{Part, parts};
use crate::files::{Files, Writing};
use crate::layout::{Dialect, Statement};
use crate::postgres::PostgresError;
use crate::relocate::{Found, MoveError, Note, Page, Place, ROWS_MAX, Target, page_of};
use crate::sqlite::{FILE, SqliteError};

/// Where a data dir is built before it is moved into place.
const UNFINISHED: &str = "restore.part";
/// The folder of files in a data dir.
const ARTIFACTS: &str = "artifacts";
/// A note beside the files that says which backup is being restored there.
const NOTE: &str = "restoring";
/// How much of a file is passed on at a time.
const PIECE_BYTES: usize = 1 << 20;
/// How many pieces may wait to be written.
const WAITING: usize = 2;

/// Why nothing was restored.
#[derive(Debug)]
pub enum RestoreError {
    /// The backup is at fault; worded to follow its name.
    Backup(String),
    /// The data dir can't be used.
    Sqlite(SqliteError),
    /// The database of PostgreSQL can't be used.
    Postgres(PostgresError),
    /// Restoring would do harm; a sentence says why.
    Refused(String),
    /// Anything else that went wrong on the way.
    Store(Error),
}

impl From<Error> for RestoreError {
    fn from(cause: Error) -> Self {
        Self::Store(cause)
    }
}

impl From<MoveError> for RestoreError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Sqlite(error) => Self::Sqlite(error),
            MoveError::Postgres(error) => Self::Postgres(error),
            MoveError::Refused(sentence) => Self::Refused(sentence),
            MoveError::Store(error) => Self::Store(error),
        }
    }
}

/// Where a backup is restored to.
pub struct RestoreTarget {
    place: Place,
    files: Files,
    dir: Option<DataDir>,
}

/// A data dir that is being built.
struct DataDir {
    dir: PathBuf,
    /// Whether the files are in it, too.
    has_files: bool,
    _lock: File,
}

impl RestoreTarget {
    /// A data dir without data, which is created if it does not exist. Its files are kept in
    /// `files` if that is given.
    pub fn data_dir(dir: &Path, files: Option<Files>) -> Result<Self, RestoreError> {
        let lock = crate::sqlite::lock(dir).map_err(RestoreError::Sqlite)?;
        let failed = |cause| RestoreError::Sqlite(SqliteError::Folder(dir.to_owned(), cause));
        let unfinished = dir.join(UNFINISHED);
        let refused = |what: &Path| {
            let what = what.display();
            RestoreError::Refused(format!(
                "{what} is there already; restore into an empty data dir, or move it away first"
            ))
        };
        if dir.join(FILE).exists() {
            return Err(refused(&dir.join(FILE)));
        }
        // A restore that was killed between its last two steps has moved the files into place.
        let is_ours = unfinished.join(FILE).exists() && !unfinished.join(ARTIFACTS).exists();
        let artifacts = dir.join(ARTIFACTS);
        if is_ours && files.is_none() {
            remove(&artifacts).map_err(failed)?;
        }
        if fs::read_dir(&artifacts).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(refused(&artifacts));
        }
        remove(&unfinished).map_err(failed)?;
        fs::create_dir(&unfinished).map_err(failed)?;
        let has_files = files.is_none();
        let files = match files {
            Some(files) => files,
            None => Files::open_local(&unfinished).map_err(|e| refused_files(&e))?,
        };
        let dir = DataDir { dir: dir.to_owned(), has_files, _lock: lock };
        Ok(Self { place: Place::Sqlite(unfinished), files, dir: Some(dir) })
    }

    /// An empty PostgreSQL database, by its URL, and a place for the files.
    pub fn postgres(url: &str, files: Files) -> Self {
        Self { place: Place::Postgres(url.to_owned()), files, dir: None }
    }
}

fn refused_files(cause: &dyn std::fmt::Display) -> RestoreError {
    RestoreError::Refused(cause.to_string())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

impl DataDir {
    /// Moves everything into place; the database comes last, because it is what marks a data dir.
    fn finish(self) -> io::Result<()> {
        let unfinished = self.dir.join(UNFINISHED);
        if self.has_files {
            fs::rename(unfinished.join(ARTIFACTS), self.dir.join(ARTIFACTS))?;
            File::open(&self.dir)?.sync_all()?;
        }
        fs::rename(unfinished.join(FILE), self.dir.join(FILE))?;
        File::open(&self.dir)?.sync_all()?;
        fs::remove_dir_all(unfinished)
    }
}

/// What is read from a backup, on its way to where it belongs.
enum Wanted {
    Page(Box<Page>),
    Unread(Unread),
    File(String),
    Bytes(Bytes),
    FileEnd,
}

impl Backup {
    /// Restores the backup. What was restored is read back, and becomes the database of a server
    /// only if it matches the manifest.
    pub async fn restore(
        self,
        manifest: &Manifest,
        to: RestoreTarget,
        steps: BackupSteps<'_>,
    ) -> Result<(), RestoreError> {
        let RestoreTarget { place, files, dir } = to;
        let state = format!("backup {}", manifest.export.sha256);
        let target = Target::open(&place).await?;
        let (registry, parts) = (self.registry.clone(), parts(&self.registry));
        let note = match target.found(&registry, &parts).await? {
            Found::Unfinished(note) if note.state == state => note,
            Found::Unfinished(note) => {
                return Err(RestoreError::Refused(format!(
                    "{place} holds something unfinished from {}; to begin anew, delete that \
                     database",
                    note.origin
                )));
            }
            Found::Other(what) => {
                return Err(RestoreError::Refused(format!(
                    "{place} {what}; a restore needs an empty database"
                )));
            }
            Found::Nothing => {
                is_empty(&files, &state).await?;
                let note = Note::begin(&state, "a backup");
                target.begin(&registry, &note).await?;
                note
            }
        };
        is_empty(&files, &state).await?;
        files.write_note(NOTE, state).await?;
        let (unread, written) = self.copy(note, &target, &files, manifest, steps).await?;
        target
            .complete(&registry, &parts, &mut |done, all| steps(BackupStep::Indexes, done, all))
            .await?;
        mark_unread(&target, &unread, &written).await?;
        let mut lines = Hashing(Sha256::new());
        let mut snapshot = target.snapshot()?;
        snapshot.hold().await?;
        let mut comparing = |done, all| steps(BackupStep::Comparing, done, all);
        match export(&mut snapshot, &registry, &mut lines, &mut comparing).await {
            Ok(_) => {}
            Err(ExportError::Store(cause)) => return Err(cause.into()),
            Err(ExportError::Output(cause)) => return Err(Error::internal(cause).into()),
        }
        drop(snapshot);
        if hex::encode(lines.0.finalize()) != manifest.export.sha256 {
            return Err(Error::internal("what was restored is not what was backed up").into());
        }
        files.delete(NOTE).await?;
        target.finish().await?;
        drop(target);
        match dir {
            Some(dir) => {
                let path = dir.dir.clone();
                let failed = |cause| RestoreError::Sqlite(SqliteError::Folder(path, cause));
                dir.finish().map_err(failed)
            }
            None => Ok(()),
        }
    }

    /// Copies rows and files. Returns the marks of unread events, and how far the copying is.
    async fn copy(
        self,
        note: Note,
        target: &Target,
        files: &Files,
        manifest: &Manifest,
        steps: BackupSteps<'_>,
    ) -> Result<(Vec<Unread>, Note), RestoreError> {
        let (sender, mut waiting) = mpsc::channel(WAITING);
        let dialect = target.dialect();
        let mut written = note.clone();
        let reading = tokio::task::spawn_blocking(move || read(&self, note, dialect, &sender));
        let (rows, all) = (manifest.export.lines.saturating_sub(2), manifest.files.bytes);
        let (mut unread, mut writing, mut bytes) = (Vec::new(), None::<Writing>, 0);
        while let Some(wanted) = waiting.recv().await {
            match wanted {
                Wanted::Page(page) => {
                    let Page { rows: added, writes, note } = *page;
                    target.add(&added, writes, &note).await?;
                    steps(BackupStep::Rows, note.rows, rows);
                    written = note;
                }
                Wanted::Unread(mark) => unread.push(mark),
                Wanted::File(key) => writing = Some(files.write(&key).await?),
                Wanted::Bytes(piece) => {
                    bytes += piece.len() as u64;
                    if let Some(writing) = &mut writing {
                        writing.push(piece).await?;
                    }
                    steps(BackupStep::Files, bytes, all);
                }
                Wanted::FileEnd => {
                    if let Some(writing) = writing.take() {
                        writing.finish().await?;
                    }
                }
            }
        }
        let read = reading.await.map_err(Error::internal)?;
        read.map(|_| (unread, written)).map_err(RestoreError::Backup)
    }
}

/// Refuses a place for files that holds anything but what this restore has put there.
async fn is_empty(files: &Files, state: &str) -> Result<(), RestoreError> {
    if files.read_note(NOTE).await?.as_deref() == Some(state) {
        return Ok(());
    }
    match files.keys(None).next().await {
        None => Ok(()),
        Some(Err(cause)) => Err(cause.into()),
        Some(Ok((key, _))) => Err(RestoreError::Refused(format!(
            "the place for files holds {key} already; restore into an empty one"
        ))),
    }
}

/// Records what readers of the log had not read, so that they read it when a server starts.
async fn mark_unread(target: &Target, unread: &[Unread], note: &Note) -> Result<(), RestoreError> {
    let sql = "INSERT INTO unread (reader, org, seq, id, claimed_until)
               SELECT $1, org, seq, id, 0 FROM events WHERE org = $2 AND id = $3 AND rev = $4
               ON CONFLICT DO NOTHING";
    for marks in unread.chunks(ROWS_MAX) {
        let write = |mark: &Unread| {
            let Unread { reader, org, id, revision } = mark;
            let values: Vec<Value> = vec![
                reader.as_str().into(),
                org.as_str().into(),
                id.as_str().into(),
                (*revision).into(),
            ];
            Statement { sql: sql.to_owned(), values }
        };
        target.add(&[], marks.iter().map(write).collect(), note).await?;
    }
    Ok(())
}

/// Reads the backup, and passes on what has not arrived yet.
fn read(
    backup: &Backup,
    note: Note,
    dialect: Dialect,
    sender: &mpsc::Sender<Wanted>,
) -> Result<Manifest, String> {
    let parts = parts(&backup.registry);
    let mut lines = Lines::new(&parts);
    let gone = || "can't be restored: the database takes no more".to_owned();
    let send = |wanted| sender.blocking_send(wanted).map_err(|_| gone());
    let mut rows =
        Rows { parts: &parts, dialect, skip: note.rows, note, place: 0, rows: Vec::new() };
    let mut visit = |piece: Piece<'_>| match piece {
        Piece::Line(line) => match lines.read(line)? {
            Line::Frame => Ok(()),
            Line::Row(place, row) => match rows.add(place, row)? {
                Some(page) => send(Wanted::Page(Box::new(page))),
                None => Ok(()),
            },
        },
        Piece::Unread(mark) => send(Wanted::Unread(mark)),
        Piece::File(key, _, content) => {
            if let Some(page) = rows.page()? {
                send(Wanted::Page(Box::new(page)))?;
            }
            send(Wanted::File(key.to_owned()))?;
            loop {
                let mut piece = Vec::new();
                let read = content.take(PIECE_BYTES as u64).read_to_end(&mut piece);
                if read.map_err(|cause| format!("can't be read: {cause}"))? == 0 {
                    return send(Wanted::FileEnd);
                }
                send(Wanted::Bytes(piece.into()))?;
            }
        }
    };
    let manifest = backup.read(&mut visit, &mut |_, _| {})?;
    if let Some(page) = rows.page()? {
        send(Wanted::Page(Box::new(page)))?;
    }
    Ok(manifest)
}

/// Rows of one table of one org, which are written together.
struct Rows<'a> {
    parts: &'a [Part],
    dialect: Dialect,
    /// How many of the first rows are written already.
    skip: u64,
    note: Note,
    place: usize,
    rows: Vec<Vec<Value>>,
}

impl Rows<'_> {
    /// Adds a row. Returns those before it when they make a page, or when this one belongs
    /// elsewhere.
    fn add(&mut self, place: usize, row: Vec<Value>) -> Result<Option<Page>, String> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(None);
        }
        let is_other = self.place != place
            || self.rows.first().is_some_and(|first| first.first() != row.first());
        let page = if is_other || self.rows.len() >= ROWS_MAX { self.page()? } else { None };
        self.place = place;
        self.rows.push(row);
        Ok(page)
    }

    /// Takes the rows collected so far.
    fn page(&mut self) -> Result<Option<Page>, String> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let rows = std::mem::take(&mut self.rows);
        let page = page_of(&self.parts[self.place], self.dialect, &mut self.note, rows);
        page.map(Some).map_err(|cause| format!("holds a row that can't be restored: {cause:?}"))
    }
}

/// A sink that only hashes what is written to it.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
