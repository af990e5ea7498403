//! Compresses the OpenAPI document, which is embedded in the program.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

const DOCUMENT: &str = "openapi.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    let to = File::create(Path::new(&folder).join("openapi.json.gz"))?;
    let mut to = GzEncoder::new(to, Compression::best());
    to.write_all(&fs::read(DOCUMENT)?)?;
    to.finish().map(drop)
}
