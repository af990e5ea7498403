//! The options of `worksmith backup` and `worksmith restore`.

#![expect(clippy::doc_markdown, reason = "these comments are the help, shown as they stand")]

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;
use worksmith_store::FilesPlace;

use super::DatabaseOptions;

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  worksmith backup worksmith-backup.tar
  worksmith backup --data-dir /var/lib/worksmith \"/backup/$(date +%F).tar\"
  worksmith backup - | ssh backup.example.org 'cat > worksmith-backup.tar'
  WORKSMITH_DATABASE=postgres://worksmith:secret@db.example.org/worksmith \\
      worksmith backup --artifacts s3://my-files/tracker worksmith-backup.tar
  worksmith restore --verify-only worksmith-backup.tar       whether it is whole";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  worksmith restore worksmith-backup.tar --data-dir /var/lib/worksmith
  worksmith restore --verify-only worksmith-backup.tar
  WORKSMITH_DATABASE=postgres://worksmith:secret@db.example.org/worksmith \\
      worksmith restore --artifacts s3://my-files/tracker worksmith-backup.tar";

/// Where files are.
#[derive(Debug, Args)]
pub(crate) struct FilesOptions {
    /// Where files are kept: s3://BUCKET, s3://BUCKET/PREFIX or file:///FOLDER [default: the folder
    /// "artifacts" in the data dir]. A bucket is configured by AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL and the like.
    #[arg(long = "artifacts", env = "WORKSMITH_ARTIFACTS", value_name = "URL")]
    place: Option<FilesPlace>,
}

impl FilesOptions {
    /// The place; by default, it is in the data dir.
    pub(crate) fn or_in(&self, data_dir: &Path) -> FilesPlace {
        self.place.clone().unwrap_or_else(|| FilesPlace::in_data_dir(data_dir))
    }

    /// The place, if one is given.
    pub(crate) fn named(&self) -> Option<FilesPlace> {
        self.place.clone()
    }
}

#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// The file to write, which replaces an existing one; - for standard output.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) files: FilesOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// The backup, a file that `worksmith backup` wrote.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Only report whether the backup is complete, and what it contains.
    #[arg(long, env = "WORKSMITH_RESTORE_VERIFY_ONLY", value_parser = BoolishValueParser::new())]
    pub(crate) verify_only: bool,
    /// The folder for all data, which must be empty or absent.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) files: FilesOptions,
}
