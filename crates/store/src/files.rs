//! The bytes of artifacts: objects under keys that the server makes up, in a folder of the data
//! dir. Another place, such as S3, is one more constructor of [`Files`].

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart, path::Path as Key,
};
use worksmith_kernel::{Error, Result};
use worksmith_wire::Timestamp;

/// The folder under the data dir.
const FOLDER: &str = "artifacts";
/// Bytes are handed on in pieces of this size; S3 takes none that are smaller.
const PIECE_BYTES: usize = 5 * 1024 * 1024;
/// So many pieces of one upload may wait to be written.
const PIECES_MAX: usize = 1;

/// Why the folder of the files can't be used.
#[derive(Debug)]
pub struct FilesError(PathBuf, String);

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the folder {} can't be used for files: {}", self.0.display(), self.1)
    }
}

impl std::error::Error for FilesError {}

/// Where the bytes are; cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    /// The folder, for a local store.
    folder: Option<PathBuf>,
}

/// Bytes on their way in. They are there once [`Writing::finish`] returns; when this is dropped
/// before, nothing is left of them.
#[derive(Debug)]
pub struct Writing {
    pieces: WriteMultipart,
    size: u64,
}

impl Files {
    /// Keeps files in a folder of the data dir, and makes it if it is not there.
    pub fn open_local(data_dir: &Path) -> Result<Self, FilesError> {
        let folder = data_dir.join(FOLDER);
        let fail = |cause: &dyn fmt::Display| FilesError(folder.clone(), cause.to_string());
        std::fs::create_dir_all(&folder).map_err(|cause| fail(&cause))?;
        // The new folder must outlive a power cut, too, where folders can be synced.
        if let Ok(data_dir) = std::fs::File::open(data_dir) {
            data_dir.sync_all().map_err(|cause| fail(&cause))?;
        }
        let local = LocalFileSystem::new_with_prefix(&folder).map_err(|cause| fail(&cause))?;
        // A write goes to a file beside, which is synced and renamed, and the folder is synced:
        // a document may say that the bytes are there as soon as the write has returned.
        let local = local.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(local), folder: Some(folder) })
    }

    /// Begins to write an object.
    pub async fn write(&self, key: &str) -> Result<Writing> {
        let upload = self.objects.put_multipart(&Key::from(key)).await.map_err(failed)?;
        let pieces = WriteMultipart::new_with_chunk_size(upload, PIECE_BYTES);
        Ok(Writing { pieces, size: 0 })
    }

    /// Reads an object, or some of its bytes.
    pub async fn read(
        &self,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, std::io::Result<Bytes>>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.objects.get_opts(&Key::from(key), options).await.map_err(failed)?;
        Ok(found.into_stream().map(|bytes| bytes.map_err(std::io::Error::other)).boxed())
    }

    /// Deletes an object; one that is not there is no mistake.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.objects.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(failed(cause)),
        }
    }

    /// Deletes what uploads that a crash cut off have left, if it was written last before an
    /// instant. Stores across a network have rules of their own for that.
    pub async fn remove_unfinished(&self, before: Timestamp) -> Result<()> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let removed = tokio::task::spawn_blocking(move || remove_unfinished(folder, before)).await;
        removed.map_err(Error::internal)?.map_err(Error::unavailable)
    }

    /// Every key, with the time when its object was written.
    pub fn keys(&self) -> BoxStream<'static, Result<(String, Timestamp)>> {
        let written = |found: object_store::Result<object_store::ObjectMeta>| {
            let object = found.map_err(failed)?;
            let at = Timestamp(object.last_modified.timestamp_millis());
            Ok((object.location.to_string(), at))
        };
        self.objects.list(None).map(written).boxed()
    }
}

impl Writing {
    /// Adds bytes; waits when the store is slower than the client.
    pub async fn push(&mut self, bytes: Bytes) -> Result<()> {
        self.pieces.wait_for_capacity(PIECES_MAX).await.map_err(failed)?;
        self.size += bytes.len() as u64;
        self.pieces.put(bytes);
        Ok(())
    }

    /// How many bytes were added.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns when the bytes are on the disk under their key.
    pub async fn finish(self) -> Result<u64> {
        self.pieces.finish().await.map_err(failed)?;
        Ok(self.size)
    }

    /// Gives up; a store across a network is told so.
    pub async fn abort(self) {
        if let Err(cause) = self.pieces.abort().await {
            tracing::warn!(%cause, "an upload was not cleaned up");
        }
    }
}

/// The local store writes the object `key` to the file `key#1` first.
fn remove_unfinished(root: PathBuf, before: Timestamp) -> std::io::Result<()> {
    let before = u64::try_from(before.0).unwrap_or_default();
    let before = UNIX_EPOCH + Duration::from_millis(before);
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().to_string_lossy().contains('#')
                && about.modified()? < before
            {
                std::fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// A document that names missing bytes is a defect; all else, such as a full disk, may pass.
fn failed(cause: object_store::Error) -> Error {
    match cause {
        object_store::Error::NotFound { .. } => Error::internal(cause),
        _ => Error::unavailable(cause),
    }
}
