//! The machine that a run is on.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::kib;
use crate::results::Machine;

/// Reads what Linux reports; the caller adds the times of the disk.
pub(crate) fn machine(folder: &Path) -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let unknown = || "unknown".to_owned();
    let cpus = read("/proc/cpuinfo");
    let cpu = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    Machine {
        cpu: cpu.map_or_else(unknown, |(_, name)| name.trim().to_owned()),
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        memory_bytes: kib(&read("/proc/meminfo"), "MemTotal:").unwrap_or(0) * 1024,
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        rustc: rustc().unwrap_or_else(unknown),
        filesystem: filesystem(&read("/proc/self/mounts"), folder).unwrap_or_else(unknown),
        flushes: Vec::new(),
    }
}

fn rustc() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The type of the file system of a folder: that of the longest mount point above it.
fn filesystem(mounts: &str, folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(at, _)| folder.starts_with(at));
    above.max_by_key(|(at, _)| at.len()).map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts = "a / ext4 rw 0 0\nb /proc proc rw 0 0\nc /nowhere xfs rw 0 0\n";
        assert_eq!(filesystem(mounts, Path::new("/proc/self")).as_deref(), Some("proc"));
        assert_eq!(filesystem(mounts, Path::new("/")).as_deref(), Some("ext4"));
    }
}
