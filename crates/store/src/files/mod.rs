//! The bytes of artifacts: objects under keys that the server makes up, in a folder or in a bucket
//! of S3. Clients may go to a bucket directly, by forms and addresses that are signed here.

mod bucket;
mod form;
mod place;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bucket::Bucket;
pub use bucket::Shown;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};
pub use place::FilesPlace;
use worksmith_kernel::{Error, FormSigner, Result};
use worksmith_wire::Timestamp;

/// Bytes are passed on in pieces of this size; S3 accepts no smaller ones.
const PIECE_BYTES: usize = 5 * 1024 * 1024;
/// How many pieces of one upload may wait to be written.
const PIECES_MAX: usize = 1;

/// Why a place can't be used for files.
#[derive(Debug)]
pub struct FilesError {
    place: FilesPlace,
    cause: String,
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be used for files: {}", self.place, self.cause)
    }
}

impl std::error::Error for FilesError {}

/// Where the bytes are kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    kept: Kept,
    /// Whether clients go to the bucket directly.
    is_direct: bool,
}

#[derive(Clone, Debug)]
enum Kept {
    Folder(PathBuf),
    Bucket(Arc<Bucket>),
}

/// Bytes on their way in. They are stored once [`Writing::finish`] returns; if this is dropped
/// before, nothing of them is left.
#[derive(Debug)]
pub struct Writing {
    pieces: WriteMultipart,
    size: u64,
}

impl Files {
    /// Opens a place, and checks that it can be used. Settings of a bucket other than its name come
    /// from `variables`, which are those of the environment. Before a bucket is opened, the process
    /// must have a default TLS provider.
    pub async fn open(
        place: &FilesPlace,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, FilesError> {
        let (name, prefix) = match place {
            FilesPlace::Folder(folder) => return Self::open_folder(folder),
            FilesPlace::Bucket { name, prefix } => (name, prefix),
        };
        let fail = |cause| FilesError { place: place.clone(), cause };
        let bucket = Bucket::open(name, prefix, variables).await.map_err(fail)?;
        let kept = Kept::Bucket(Arc::new(bucket.clone()));
        Ok(Self { objects: bucket.into_objects(), kept, is_direct: true })
    }

    /// Keeps files in a folder of the data dir, and creates it if needed.
    pub fn open_local(data_dir: &Path) -> Result<Self, FilesError> {
        Self::open_folder(&place::folder(data_dir))
    }

    fn open_folder(folder: &Path) -> Result<Self, FilesError> {
        let fail = |cause: &dyn fmt::Display| FilesError {
            place: FilesPlace::Folder(folder.to_owned()),
            cause: cause.to_string(),
        };
        let how = std::fs::DirBuilder::new();
        crate::folders::create(folder, &how).map_err(|cause| fail(&cause))?;
        let local = LocalFileSystem::new_with_prefix(folder).map_err(|cause| fail(&cause))?;
        // A write goes to a temporary file, which is synced and renamed, and the folder is synced:
        // a document may say that the bytes exist as soon as the write has returned.
        let local = local.with_fsync(true).with_automatic_cleanup(true);
        let kept = Kept::Folder(folder.to_owned());
        Ok(Self { objects: Arc::new(local), kept, is_direct: false })
    }

    /// Makes all bytes pass through the server, for clients that can't reach the bucket.
    #[must_use]
    pub fn through_server(self) -> Self {
        Self { is_direct: false, ..self }
    }

    /// Whether the files are across a network, where others may have written some of them.
    pub const fn is_remote(&self) -> bool {
        matches!(self.kept, Kept::Bucket(_))
    }

    fn direct(&self) -> Option<&Bucket> {
        match &self.kept {
            Kept::Bucket(bucket) if self.is_direct => Some(bucket),
            _ => None,
        }
    }

    /// What signs forms for uploads directly to the bucket, of at most `bytes_max` bytes; `None` if
    /// uploads go through the server. Ask again for each call: credentials expire.
    pub async fn forms(&self, bytes_max: u64) -> Result<Option<Arc<dyn FormSigner>>> {
        match self.direct() {
            Some(bucket) => bucket.signer(bytes_max).await.map(Some),
            None => Ok(None),
        }
    }

    /// An address at which the bucket itself serves a file; `None` if the server sends files.
    pub async fn address(&self, shown: Shown<'_>, good_for: Duration) -> Result<Option<String>> {
        match self.direct() {
            Some(bucket) => bucket.address(shown, good_for).await.map(Some),
            None => Ok(None),
        }
    }

    /// Begins to write an object.
    pub async fn write(&self, key: &str) -> Result<Writing> {
        let upload = self.objects.put_multipart(&Key::from(key)).await;
        let upload = upload.map_err(Error::unavailable)?;
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
        let found = self.objects.get_opts(&Key::from(key), options).await.map_err(missing)?;
        Ok(found.into_stream().map(|bytes| bytes.map_err(std::io::Error::other)).boxed())
    }

    /// The entity tag of an object, if it exists. It changes when the object is written again.
    pub async fn etag(&self, key: &str) -> Result<Option<String>> {
        match self.objects.head(&Key::from(key)).await {
            Ok(found) => Ok(Some(found.e_tag.unwrap_or_default())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    /// Copies an object, and returns the size of the copy; `None` if there is no such object.
    pub async fn copy(&self, from: &str, to: &str) -> Result<Option<u64>> {
        let (from, to) = (Key::from(from), Key::from(to));
        match self.objects.copy(&from, &to).await {
            Ok(()) => {}
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(cause) => return Err(Error::unavailable(cause)),
        }
        // The original may be overwritten at any time, the copy may not.
        let copy = self.objects.head(&to).await.map_err(Error::unavailable)?;
        Ok(Some(copy.size))
    }

    /// Deletes an object, which need not exist.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.objects.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    /// Writes a short text beside the files.
    pub async fn write_note(&self, key: &str, text: String) -> Result<()> {
        self.objects.put(&Key::from(key), text.into()).await.map_err(Error::unavailable).map(drop)
    }

    /// Reads a short text beside the files.
    pub async fn read_note(&self, key: &str) -> Result<Option<String>> {
        let found = match self.objects.get(&Key::from(key)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(Error::unavailable)?,
        };
        let bytes = found.bytes().await.map_err(Error::unavailable)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Deletes the remains of uploads that a crash cut off, if they were last written before an
    /// instant. Stores across a network have rules of their own for that.
    pub async fn remove_unfinished(&self, before: Timestamp) -> Result<()> {
        let Kept::Folder(folder) = self.kept.clone() else { return Ok(()) };
        let removed = tokio::task::spawn_blocking(move || remove_unfinished(folder, before)).await;
        removed.map_err(Error::internal)?.map_err(Error::unavailable)
    }

    /// Every key, or every key in a folder, with the time when its object was last written.
    pub fn keys(&self, folder: Option<&str>) -> BoxStream<'static, Result<(String, Timestamp)>> {
        let written = |found: object_store::Result<object_store::ObjectMeta>| {
            let object = found.map_err(Error::unavailable)?;
            let at = Timestamp(object.last_modified.timestamp_millis());
            Ok((object.location.to_string(), at))
        };
        self.objects.list(folder.map(Key::from).as_ref()).map(written).boxed()
    }
}

impl Writing {
    /// Adds bytes; waits when the store is slower than the client.
    pub async fn push(&mut self, bytes: Bytes) -> Result<()> {
        self.pieces.wait_for_capacity(PIECES_MAX).await.map_err(Error::unavailable)?;
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
        self.pieces.finish().await.map_err(Error::unavailable)?;
        Ok(self.size)
    }

    /// Gives up, and tells a store across a network so.
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

/// Missing bytes that a document names are a defect; anything else, such as a full disk, may pass.
fn missing(cause: object_store::Error) -> Error {
    match cause {
        object_store::Error::NotFound { .. } => Error::internal(cause),
        _ => Error::unavailable(cause),
    }
}
