//! Folders that survive a power cut. Syncing a file stores its bytes, and not its name: that is
//! stored with the folder which it is in, and the same goes for the name of a folder.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

/// Creates a folder and those above it, as far as they are missing, and stores their names.
///
/// # Errors
///
/// If a folder can't be created, or its name can't be stored.
pub(crate) fn create(folder: &Path, how: &DirBuilder) -> io::Result<()> {
    let above = match folder.parent() {
        // The root, or the current folder.
        None => return Ok(()),
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
    };
    match how.create(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            create(above, how)?;
            how.create(folder)?;
        }
        Err(_) if folder.is_dir() => {}
        created => created?,
    }
    // Also if the folder exists: its name need not be stored yet. Where folders can't be opened, or
    // not synced, nothing more can be done.
    match File::open(above).map(|above| above.sync_all()) {
        Ok(Err(cause))
            if !matches!(
                cause.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Err(cause)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn folders_are_created_as_far_as_they_are_missing() {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join("a/b/c");
        for _ in 0..2 {
            create(&folder, &DirBuilder::new()).unwrap();
            assert!(folder.is_dir());
        }
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let kinds = [&file, &file.join("folder")].map(|folder| {
            let failure = create(folder, &DirBuilder::new()).unwrap_err();
            let usual = std::fs::create_dir_all(folder).unwrap_err();
            assert_eq!(failure.to_string(), usual.to_string());
            failure.kind()
        });
        assert_eq!(kinds, [io::ErrorKind::AlreadyExists, io::ErrorKind::NotADirectory]);
    }
}
