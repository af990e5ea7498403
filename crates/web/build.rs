//! Embeds what `make web` has built, compressed. Without it the program has no UI, and everything
//! else: cargo never calls npm.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The folder that cargo watches; it is in the repository, and empty there.
const WATCHED: &str = "../../web/dist";
/// Where the build of the UI is.
const BUILT: &str = "../../web/dist/app";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={WATCHED}");
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    let out = Path::new(&out);
    let mut table = String::from("static FILES: &[File] = &[\n");
    for path in files(Path::new(BUILT))? {
        let bytes = fs::read(&path)?;
        let name = path.strip_prefix(BUILT).map_err(io::Error::other)?.display().to_string();
        let hash = hex::encode(Sha256::digest(&bytes));
        let packed = out.join(&hash);
        let mut to = GzEncoder::new(File::create(&packed)?, Compression::best());
        to.write_all(&bytes)?;
        to.finish()?;
        let tag = hash.get(..16).unwrap_or_default();
        let _ = writeln!(
            table,
            "    File {{ path: {name:?}, tag: {tag:?}, packed: include_bytes!({:?}) }},",
            packed.display().to_string()
        );
    }
    table.push_str("];\n");
    fs::write(out.join("files.rs"), table)
}

/// All files below a folder that need not be there, sorted.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // What begins with a dot is for tools.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            found.append(&mut files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
