//! Making a backup.

use std::io::{self, Write};

use futures_util::StreamExt;
use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::Timestamp;

use super::members::{Members, Pieces, compressor};
use super::{
    BEGINNING, BackupStep, BackupSteps, Beginning, DIGEST, EventFacts, ExportFacts, FILES,
    FileFacts, MANIFEST, Manifest, Named, NamedFile, OrgFacts, UNREAD, Unread, program,
};
use crate::dump::export::{ExportError, export};
use crate::dump::{Part, orgs, parts};
use crate::files::Files;
use crate::layout::Dialect;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// Why there is no backup.
#[derive(Debug)]
pub enum BackupError {
    /// The output takes no more.
    Output(io::Error),
    /// The database, or something in it, can't be read.
    Store(Error),
    /// A file that the database names can't be read; a sentence says why.
    Files(String),
}

impl From<io::Error> for BackupError {
    fn from(cause: io::Error) -> Self {
        Self::Output(cause)
    }
}

impl From<Error> for BackupError {
    fn from(cause: Error) -> Self {
        Self::Store(cause)
    }
}

impl From<ExportError> for BackupError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Output(cause) => Self::Output(cause),
            ExportError::Store(cause) => Self::Store(cause),
        }
    }
}

impl Store {
    /// Writes a backup of the present state, with the files that it names. They must be held with
    /// [`Store::hold_files`] from before the state is taken until this is done.
    pub async fn back_up(
        &self,
        files: &Files,
        named: Named,
        made_at: Timestamp,
        to: &mut (dyn Write + Send),
        steps: BackupSteps<'_>,
    ) -> Result<Manifest, BackupError> {
        let mut members = Members::new(to, made_at);
        members.whole(BEGINNING, &json(&Beginning::own())?)?;
        let mut snapshot = self.inner.snapshot()?;
        snapshot.hold().await?;
        let mut pieces = Pieces::new(&mut members);
        let mut rows = |done, all| steps(BackupStep::Rows, done, all);
        let registry = &self.inner.registry;
        let exported = export(&mut snapshot, registry, &mut pieces, &mut rows).await?;
        let export = ExportFacts { sha256: pieces.finish()?, lines: exported.lines };
        members.whole(UNREAD, &unread(&mut snapshot).await?)?;
        let parts = parts(registry);
        let orgs = org_facts(&mut snapshot, &parts).await?;
        let wanted = wanted(&mut snapshot, &parts, named).await?;
        let database = match snapshot.dialect() {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgresql",
        };
        // The snapshot may go now: the hold protects the files from here on.
        drop(snapshot);
        let files = copy_files(&mut members, files, &wanted, steps).await?;
        let manifest = Manifest {
            program: program(),
            made_at: made_at.to_string(),
            database: database.to_owned(),
            export,
            orgs,
            files,
        };
        members.whole(MANIFEST, &json(&manifest)?)?;
        let digest = members.digest()?;
        members.whole(DIGEST, format!("{digest}\n").as_bytes())?;
        members.finish()?;
        Ok(manifest)
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value).map_err(Error::internal)?;
    text.push(b'\n');
    Ok(text)
}

/// The events that readers of the log have not read, as compressed lines.
async fn unread(snapshot: &mut Snapshot) -> Result<Vec<u8>, BackupError> {
    let sql = "SELECT u.reader, u.org, u.id, e.rev FROM unread AS u
               JOIN events AS e ON e.org = u.org AND e.id = u.id AND e.seq = u.seq
               ORDER BY u.org, u.reader, u.seq";
    let mut lines = compressor();
    for row in snapshot.ask(sql, &[]).await? {
        let Ok([Value::Text(reader), Value::Text(org), Value::Text(id), Value::Integer(revision)]) =
            <[Value; 4]>::try_from(row)
        else {
            return Err(Error::internal("a mark of an unread event can't be read").into());
        };
        let line = serde_json::to_vec(&Unread { reader, org, id, revision });
        lines.write_all(&line.map_err(Error::internal)?)?;
        lines.write_all(b"\n")?;
    }
    Ok(lines.finish()?)
}

async fn org_facts(snapshot: &mut Snapshot, parts: &[Part]) -> Result<Vec<OrgFacts>> {
    let mut facts = Vec::new();
    for org in orgs(snapshot, parts).await? {
        let of = [Value::from(org.as_str())];
        let mut objects = 0;
        for part in parts.iter().filter(|part| part.family.is_some()) {
            let sql = format!("SELECT count(*) FROM {} WHERE org = $1", part.table);
            objects += first(snapshot.ask(&sql, &of).await?);
        }
        let counted = snapshot.ask("SELECT count(*) FROM events WHERE org = $1", &of).await?;
        let sql = "SELECT max(seq) FROM events WHERE org = $1";
        let last = snapshot.ask(sql, &of).await?.into_iter().flatten().next();
        let last_event = match last {
            Some(Value::Integer(number)) => event(snapshot, &org, number).await?,
            _ => None,
        };
        facts.push(OrgFacts { org, objects, events: first(counted), last_event });
    }
    Ok(facts)
}

fn first(rows: Vec<Vec<Value>>) -> u64 {
    match rows.into_iter().flatten().next() {
        Some(Value::Integer(count)) => count.unsigned_abs(),
        _ => 0,
    }
}

async fn event(snapshot: &mut Snapshot, org: &str, number: i64) -> Result<Option<EventFacts>> {
    let sql = "SELECT at, id, rev FROM events WHERE org = $1 AND seq = $2";
    let found = snapshot.ask(sql, &[org.into(), number.into()]).await?.pop();
    Ok(match found.map(<[Value; 3]>::try_from) {
        Some(Ok([Value::Integer(at), Value::Text(id), Value::Integer(revision)])) => {
            Some(EventFacts { number, at, id, revision })
        }
        _ => None,
    })
}

/// The files that the documents name.
async fn wanted(snapshot: &mut Snapshot, parts: &[Part], named: Named) -> Result<Vec<NamedFile>> {
    let mut wanted = Vec::new();
    let Some(part) = parts.iter().find(|part| part.table == named.table) else {
        return Ok(wanted);
    };
    let doc = part.columns.iter().position(|(name, _)| *name == "doc").unwrap_or_default();
    for org in orgs(snapshot, parts).await? {
        let mut pages = part.pages(&org, None);
        loop {
            let rows = pages.next(snapshot).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                if let Some(Value::Text(doc)) = row.get(doc) {
                    wanted.extend((named.of)(doc)?);
                }
            }
        }
    }
    Ok(wanted)
}

async fn copy_files(
    members: &mut Members<'_>,
    files: &Files,
    wanted: &[NamedFile],
    steps: BackupSteps<'_>,
) -> Result<FileFacts, BackupError> {
    let all = wanted.iter().map(|file| file.size).sum();
    let mut bytes = 0;
    for NamedFile { key, size } in wanted {
        let lost = |cause: &dyn std::fmt::Display| {
            BackupError::Files(format!(
                "the file {key} that an artifact names can't be copied ({cause}): put it back, or \
                 delete that version of the artifact with artifacts.versions.delete"
            ))
        };
        let mut stream = files.read(key, None).await.map_err(|cause| match cause {
            Error::Internal(cause) | Error::Unavailable(cause) => lost(&cause),
            other => lost(&format!("{other:?}")),
        })?;
        members.begin(&format!("{FILES}{key}"), *size)?;
        let mut copied = 0;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|cause| lost(&cause))?;
            copied += piece.len() as u64;
            if copied > *size {
                break;
            }
            members.bytes(&piece)?;
            steps(BackupStep::Files, bytes + copied, all);
        }
        if copied != *size {
            return Err(lost(&format!("it has not {size} bytes")));
        }
        bytes += size;
    }
    Ok(FileFacts { count: wanted.len() as u64, bytes })
}
