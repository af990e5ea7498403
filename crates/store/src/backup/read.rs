//! Reading a backup, and checking that it is complete.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use worksmith_kernel::Registry;

use super::lines::{Line, Lines};
use super::restore::RestoreError;
use super::{
    BEGINNING, Beginning, DIGEST, FILES, FORMAT, MANIFEST, Manifest, Named, ROWS, UNREAD, Unread,
    VERSION,
};
use crate::dump::parts;
use crate::layout::Progress;

/// How much is read at a time.
const BUFFER_BYTES: usize = 1 << 20;
/// The length of a member's header.
const HEADER_BYTES: usize = 512;
/// The limit for members that are read into memory whole.
const SMALL_BYTES: u64 = 64 << 20;

/// A backup file.
pub struct Backup {
    path: PathBuf,
    pub(super) registry: Registry,
    pub(super) named: Named,
}

/// What a backup holds, a piece at a time.
pub(super) enum Piece<'a> {
    /// A line of the export, including its line break.
    Line(&'a str),
    /// An event that a reader of the log had not read.
    Unread(Unread),
    /// A file: its key, its size, its bytes.
    File(&'a str, u64, &'a mut dyn Read),
}

/// Receives the pieces. An error ends the reading; it is worded to follow the file's name.
pub(super) type Visit<'a> = &'a mut dyn FnMut(Piece<'_>) -> Result<(), String>;

impl Backup {
    /// Opens a backup, which must exist.
    pub fn open(path: &Path, registry: &Registry, named: Named) -> Result<Self, RestoreError> {
        let file = File::open(path).and_then(|file| file.metadata());
        let about = file.map_err(|cause| RestoreError::Backup(unreadable(&cause)))?;
        if !about.is_file() {
            let what = "is no file: a backup is read more than once, so name a file";
            return Err(RestoreError::Backup(what.to_owned()));
        }
        Ok(Self { path: path.to_owned(), registry: registry.clone(), named })
    }

    /// Reads all of it, and returns its manifest if it is complete and contains every file that its
    /// documents name. `progress` is told in bytes.
    pub fn verify(&self, progress: Progress<'_>) -> Result<Manifest, RestoreError> {
        let parts = parts(&self.registry);
        let mut lines = Lines::new(&parts);
        let (mut rows, mut count) = (Sha256::new(), 0);
        let mut missing = HashMap::new();
        let (mut files, mut bytes) = (0, 0);
        let mut visit = |piece: Piece<'_>| {
            match piece {
                Piece::Line(line) => {
                    rows.update(line);
                    count += 1;
                    if let Line::Row(place, row) = lines.read(line)?
                        && parts[place].table == self.named.table
                        && let Some(worksmith_kernel::Value::Text(doc)) = row.last()
                    {
                        let named = (self.named.of)(doc);
                        let named = named.map_err(|_| "holds an artifact that can't be read")?;
                        missing.extend(named.into_iter().map(|file| (file.key, file.size)));
                    }
                }
                Piece::Unread(_) => {}
                Piece::File(key, size, content) => {
                    io::copy(content, &mut io::sink()).map_err(|cause| damaged(&cause))?;
                    if missing.remove(key) != Some(size) {
                        return Err(format!("holds a file {key} that nothing in it names"));
                    }
                    (files, bytes) = (files + 1, bytes + size);
                }
            }
            Ok(())
        };
        let manifest = self.read(&mut visit, progress).map_err(RestoreError::Backup)?;
        let broken = |what: String| Err(RestoreError::Backup(what));
        if hex::encode(rows.finalize()) != manifest.export.sha256 || count != manifest.export.lines
        {
            return broken("holds other rows than its manifest says".to_owned());
        }
        if (files, bytes) != (manifest.files.count, manifest.files.bytes) {
            return broken("holds other files than its manifest says".to_owned());
        }
        match missing.keys().next() {
            Some(key) => broken(format!("lacks the file {key} that an artifact in it names")),
            None => Ok(manifest),
        }
    }

    /// Reads all of it in order. The manifest is returned only if everything before it is as it was
    /// written.
    pub(super) fn read(
        &self,
        visit: Visit<'_>,
        progress: Progress<'_>,
    ) -> Result<Manifest, String> {
        let file = File::open(&self.path).map_err(|cause| unreadable(&cause))?;
        let all = file.metadata().map_err(|cause| unreadable(&cause))?.len();
        let state = Arc::new(Mutex::new(SoFar::default()));
        let hashed = Hashed {
            from: BufReader::with_capacity(BUFFER_BYTES, file),
            state: Arc::clone(&state),
        };
        let mut archive = tar::Archive::new(hashed);
        let (mut is_begun, mut manifest) = (false, None);
        let entries = archive.entries().map_err(|cause| damaged(&cause))?;
        for entry in entries {
            // The digest covers everything before this member.
            let (digest, bytes) = state.lock().unwrap_or_else(PoisonError::into_inner).before();
            let mut entry = entry.map_err(|cause| match is_begun {
                true if bytes >= all => UNFINISHED.to_owned(),
                true => damaged(&cause),
                false => STRANGE.to_owned(),
            })?;
            progress(bytes.min(all), all);
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let size = entry.size();
            if !is_begun {
                is_version_known(&name, &mut entry)?;
                is_begun = true;
                continue;
            }
            match name.as_str() {
                UNREAD => {
                    each_line(&mut entry, &mut |line| {
                        let unread = serde_json::from_str(line);
                        visit(Piece::Unread(unread.map_err(|_| "holds a mark it can't have")?))
                    })?;
                }
                MANIFEST => {
                    let text = small(&mut entry)?;
                    let read = serde_json::from_str(&text);
                    manifest = Some(read.map_err(|_| "has a manifest that can't be read")?);
                }
                DIGEST => {
                    if small(&mut entry)?.trim_end() != digest {
                        return Err(
                            "is damaged: its bytes are not those that were written, by the \
                                    SHA-256 at its end"
                                .to_owned(),
                        );
                    }
                    progress(all, all);
                    return manifest.ok_or_else(|| "has no manifest".to_owned());
                }
                name if name.starts_with(ROWS) => {
                    each_line(&mut entry, &mut |line| visit(Piece::Line(line)))?;
                }
                name => match name.strip_prefix(FILES) {
                    Some(key) => visit(Piece::File(key, size, &mut entry))?,
                    None => {
                        return Err(format!("holds {name}, which this worksmith does not know"));
                    }
                },
            }
        }
        Err(if is_begun { UNFINISHED.to_owned() } else { STRANGE.to_owned() })
    }
}

const STRANGE: &str = "is no backup of worksmith";
const UNFINISHED: &str = "is not whole: its end is missing. Take another backup";

fn unreadable(cause: &io::Error) -> String {
    format!("can't be read: {cause}")
}

fn damaged(cause: &io::Error) -> String {
    if cause.kind() == io::ErrorKind::UnexpectedEof {
        return UNFINISHED.to_owned();
    }
    format!("is damaged: {cause}")
}

fn small(entry: &mut dyn Read) -> Result<String, String> {
    let mut text = String::new();
    entry.take(SMALL_BYTES).read_to_string(&mut text).map_err(|cause| damaged(&cause))?;
    Ok(text)
}

fn is_version_known(name: &str, entry: &mut dyn Read) -> Result<(), String> {
    if name != BEGINNING {
        return Err(STRANGE.to_owned());
    }
    let beginning: Beginning =
        serde_json::from_str(&small(entry)?).map_err(|_| STRANGE.to_owned())?;
    match beginning {
        Beginning { format, .. } if format != FORMAT => Err(STRANGE.to_owned()),
        Beginning { version: VERSION, .. } => Ok(()),
        Beginning { version, program, .. } => Err(format!(
            "was made by worksmith {program} in version {version} of the format, and this one \
             knows {VERSION}; use that version"
        )),
    }
}

fn each_line(
    entry: &mut dyn Read,
    visit: &mut dyn FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    let mut lines = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(entry));
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).map_err(|cause| damaged(&cause))? == 0 {
            return Ok(());
        }
        visit(&line)?;
    }
}

/// What was read so far. The header of a member is read before it is known which member it is, so
/// the last bytes of that length are not hashed yet.
#[derive(Default)]
struct SoFar {
    hash: Sha256,
    last: Vec<u8>,
    bytes: u64,
}

impl SoFar {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.last.extend_from_slice(bytes);
        let settled = self.last.len().saturating_sub(HEADER_BYTES);
        self.hash.update(&self.last[..settled]);
        self.last.drain(..settled);
    }

    /// The SHA-256 of everything but the last header, and how many bytes were read.
    fn before(&self) -> (String, u64) {
        (hex::encode(self.hash.clone().finalize()), self.bytes)
    }
}

struct Hashed<R> {
    from: R,
    state: Arc<Mutex<SoFar>>,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..read]);
        Ok(read)
    }
}
