//! Running pgbench, and reading what it says.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::load::Outcome;
use crate::numbers::{float, latencies, whole};

/// How statements are planned and texts compressed, as in the product's connections.
const SETTINGS: &str = "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
                        -c default_toast_compression=lz4";

/// How pgbench is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    /// Where its scripts and logs are.
    pub(crate) folder: &'a Path,
    /// The length of an average row.
    pub(crate) bytes: usize,
    /// How many connections.
    pub(crate) connections: usize,
    /// How long, in whole seconds.
    pub(crate) measured: Duration,
}

/// A script, and how often it runs beside the others.
pub(super) struct Script {
    pub(super) text: String,
    pub(super) weight: u64,
}

impl Run<'_> {
    /// Runs scripts on a database, with these variables.
    pub(super) fn scripts(
        &self,
        url: &str,
        scripts: &[Script],
        defined: &[(&str, String)],
    ) -> Result<Outcome, String> {
        let mut command = Command::new("pgbench");
        command.env("PGOPTIONS", SETTINGS);
        command.args(["--no-vacuum", "--protocol", "prepared", "--jobs", "1"]);
        command.args(["--client", &self.connections.to_string()]);
        command.args(["--time", &self.measured.as_secs().max(1).to_string()]);
        let log = self.folder.join("pgbench-log");
        command.args(["--log", "--log-prefix"]).arg(&log);
        for (name, value) in defined {
            command.args(["--define", &format!("{name}={value}")]);
        }
        for (at, Script { text, weight }) in scripts.iter().enumerate() {
            let path = self.folder.join(format!("pgbench-{at}.sql"));
            let written = std::fs::write(&path, text);
            written.map_err(|cause| format!("{}: {cause}", path.display()))?;
            command.args(["--file", &format!("{}@{weight}", path.display())]);
        }
        command.arg(url);
        let output = command.output().map_err(|cause| format!("pgbench: {cause}"))?;
        let times = self.times()?;
        if !output.status.success() {
            return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)));
        }
        outcome(&String::from_utf8_lossy(&output.stdout), &times, self.bytes)
    }

    /// The logged times in microseconds.
    fn times(&self) -> Result<Vec<f64>, String> {
        let entries = std::fs::read_dir(self.folder).map_err(|cause| cause.to_string())?;
        let paths = entries.flatten().map(|entry| entry.path());
        let is_log = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with("pgbench-log")
        };
        let mut times = Vec::new();
        for path in paths.filter(is_log) {
            let text = std::fs::read_to_string(&path).map_err(|cause| cause.to_string())?;
            times.extend(text.lines().filter_map(time));
            let _ = std::fs::remove_file(path);
        }
        Ok(times)
    }
}

/// The time in a line of the log.
fn time(line: &str) -> Option<f64> {
    line.split(' ').nth(2)?.parse().ok()
}

/// The results, from what pgbench prints and has logged.
fn outcome(said: &str, times: &[f64], bytes: usize) -> Result<Outcome, String> {
    let rate = said
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
    let per_second = rate.filter(|rate| *rate > 0.0);
    let per_second = per_second.ok_or_else(|| format!("pgbench says no rate: {said}"))?;
    let mut histogram = latencies()?;
    for micros in times {
        histogram.saturating_record(whole(*micros).max(1));
    }
    let answers = histogram.len();
    Ok(Outcome {
        latencies: histogram,
        errors: 0,
        example: None,
        // Without the time that it takes to connect.
        seconds: float(answers) / per_second,
        cpu_us: None,
        bytes: answers * u64::try_from(bytes).unwrap_or(0),
        rss_bytes: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_says_is_read() {
        let log = ["0 1 900 0 1764547200 5", "1 1 1100 0 1764547200 9"];
        let times: Vec<_> = log.into_iter().filter_map(time).collect();
        assert_eq!(times, [900.0, 1100.0]);
        let said = "number of failed transactions: 0 (0.000%)\ntps = 40.500000 (without ..)\n";
        let figures = outcome(said, &times, 100).unwrap().figures();
        assert_eq!((figures.answers, figures.per_second, figures.bytes), (2, 40.5, 100.0));
        assert!((figures.p99_ms - 1.1).abs() < 0.01, "{}", figures.p99_ms);
        assert!(outcome("pgbench: error", &[], 1).is_err());
    }
}
