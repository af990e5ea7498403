//! `worksmith export`: everything that is kept, as lines of JSON.

use std::fs::File;
use std::io::{BufWriter, Write};

use worksmith_kernel::Error;

use crate::cli::ExportOptions;
use crate::failure::Failure;
use crate::home::Home;
use crate::reindex;

/// Runs the command.
pub(crate) async fn run(options: ExportOptions) -> Result<(), Failure> {
    let ExportOptions { file, data_dir, database } = options;
    let home = Home::open_existing(&data_dir, &database).await?;
    let is_standard_output = file.as_os_str() == "-";
    let failed = |cause: std::io::Error| format!("{} can't be written: {cause}", file.display());
    let mut out: Box<dyn Write + Send> = if is_standard_output {
        Box::new(std::io::stdout())
    } else {
        Box::new(File::create(&file).map_err(failed)?)
    };
    let mut out = BufWriter::with_capacity(1 << 20, &mut out);
    let mut lines = 0_u64;
    let mut write = |line: &str| {
        lines += 1;
        out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(Error::internal)
    };
    home.store.export(&mut write, &mut reindex::progress("rows")).await?;
    out.flush().map_err(failed)?;
    if !is_standard_output {
        println!("Wrote {lines} lines to {}", file.display());
    }
    Ok(())
}
