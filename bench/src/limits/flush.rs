//! The disk by itself.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::numbers::{float, latencies, quantile_ms};
use crate::results::Flushes;

/// How long a single writer waits for the disk after each write of `bytes` bytes.
pub(crate) fn flushes(dir: &Path, bytes: usize, time: Duration) -> Result<Flushes, String> {
    use std::os::unix::fs::FileExt;
    const FILE: u64 = 64 << 20;
    let path = dir.join("flushes");
    let failed = |cause: std::io::Error| format!("{}: {cause}", path.display());
    let file = std::fs::File::create(&path).map_err(failed)?;
    // The file is written once beforehand, so that only its bytes change, not its place on the
    // disk.
    let zeros = vec![0; 1 << 20];
    for place in (0..FILE).step_by(1 << 20) {
        file.write_all_at(&zeros, place).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    let (block, step) = (vec![7; bytes], u64::try_from(bytes).unwrap_or(FILE));
    let mut micros = latencies()?;
    let (begin, mut place) = (Instant::now(), 0);
    while begin.elapsed() < time {
        let before = Instant::now();
        file.write_all_at(&block, place).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        let taken = u64::try_from(before.elapsed().as_micros()).unwrap_or(u64::MAX);
        micros.saturating_record(taken.max(1));
        place = (place + step) % FILE;
    }
    let per_second = float(micros.len()) / begin.elapsed().as_secs_f64();
    drop(file);
    std::fs::remove_file(&path).map_err(failed)?;
    let (p50_ms, p99_ms) = (quantile_ms(&micros, 0.5), quantile_ms(&micros, 0.99));
    Ok(Flushes { bytes: step, per_second, p50_ms, p99_ms })
}
