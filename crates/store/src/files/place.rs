//! Where files are kept, parsed from a URL.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use object_store::path::Path as Key;
use object_store::signer::Url;

/// The folder under the data dir.
const FOLDER: &str = "artifacts";

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesPlace {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a bucket of S3 or of a service that speaks its protocol.
    Bucket {
        /// Its name.
        name: String,
        /// The prefix of all keys of this server; may be empty.
        prefix: String,
    },
}

impl FilesPlace {
    /// The folder in a data dir that holds the files by default.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self::Folder(folder(data_dir))
    }
}

pub(super) fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER)
}

impl FromStr for FilesPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let how = || "write s3://bucket, s3://bucket/prefix or file:///folder".to_owned();
        let url = Url::parse(text).map_err(|_| how())?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(how());
        }
        match (url.scheme(), url.host_str()) {
            ("s3", Some(bucket)) if url.port().is_none() && is_bucket(bucket) => {
                let prefix = Key::from_url_path(url.path()).map_err(|cause| cause.to_string())?;
                Ok(Self::Bucket { name: bucket.to_owned(), prefix: prefix.to_string() })
            }
            ("s3", _) => Err("the bucket's name is 3 to 63 of a-z, 0-9, . and -".to_owned()),
            ("file", None) => url.to_file_path().map(Self::Folder).map_err(|()| how()),
            _ => Err(how()),
        }
    }
}

fn is_bucket(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_plain(byte) || b".-".contains(&byte))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
}

impl fmt::Display for FilesPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "the folder {}", folder.display()),
            Self::Bucket { name, .. } => write!(f, "the bucket {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_bucket_or_a_folder() {
        let bucket = |name: &str, prefix: &str| {
            Ok(FilesPlace::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
        };
        assert_eq!("s3://files".parse(), bucket("files", ""));
        assert_eq!("s3://files/".parse(), bucket("files", ""));
        assert_eq!("s3://my-files.example/a/b/".parse(), bucket("my-files.example", "a/b"));
        assert_eq!("file:///a/b%20c".parse(), Ok(FilesPlace::Folder(PathBuf::from("/a/b c"))));
        for bad in [
            "",
            "files",
            "/a/b",
            "s3:files",
            "s3://",
            "s3:///a",
            "s3://Files",
            "s3://a_b",
            "s3://ab",
            "s3://.files",
            "s3://files:9000",
            "s3://key:secret@files",
            "s3://files?region=x",
            "s3://files/a//b",
            "gs://files",
            "https://files.example.org",
            "file://host/a",
        ] {
            assert!(bad.parse::<FilesPlace>().is_err(), "{bad}");
        }
    }
}
