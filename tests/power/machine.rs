//! A machine whose power can be cut, with the program on it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fuser::BackgroundSession;
use tempfile::TempDir;
use worksmith_tests::client::Chance;
use worksmith_tests::process::{Ended, Running, command, run};

use crate::cut::{Cut, Lost};
use crate::disk::Disk;
use crate::mount::{Drive, mount};

/// How many cuts there are, if that is set.
fn cuts_asked_for() -> Option<u64> {
    let cuts = std::env::var("WORKSMITH_POWER_CUTS").ok()?;
    Some(cuts.parse().expect("WORKSMITH_POWER_CUTS is a number"))
}

/// How many cuts there are.
pub(crate) fn cuts() -> u64 {
    cuts_asked_for().unwrap_or(60)
}

/// The seed of everything; shown when the test fails.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("WORKSMITH_POWER_SEED");
    let seed = seed.map_or(23, |seed| seed.parse().expect("WORKSMITH_POWER_SEED is a number"));
    println!("WORKSMITH_POWER_SEED={seed}");
    seed
}

/// A machine with an empty disk.
pub(crate) struct Machine {
    is_on: AtomicBool,
    chance: Chance,
    drive: Arc<Drive>,
    /// `None` while the power is off.
    session: Option<BackgroundSession>,
    point: TempDir,
}

impl Machine {
    /// `None` where there can't be any.
    pub(crate) fn new(seed: u64) -> Option<Self> {
        let mut machine = Self {
            is_on: AtomicBool::new(false),
            chance: Chance(seed),
            drive: Arc::new(Drive::new(Disk::new(), seed)),
            session: None,
            point: TempDir::new().unwrap(),
        };
        match machine.mount() {
            Ok(()) => Some(machine),
            Err(cause) => {
                assert_eq!(cuts_asked_for(), None, "no file system can be mounted: {cause}");
                eprintln!("skipped: no file system can be mounted here: {cause}");
                None
            }
        }
    }

    fn mount(&mut self) -> io::Result<()> {
        self.session = Some(mount(Arc::clone(&self.drive), self.point.path())?);
        self.is_on.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// The topmost folder of the disk.
    pub(crate) fn root(&self) -> PathBuf {
        self.point.path().to_owned()
    }

    /// The data dir of the program, which creates it.
    pub(crate) fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    /// Starts the program.
    pub(crate) fn start(&self) -> Running {
        Running::serve(&self.data(), &["--log-level", "warn"])
    }

    /// Runs `worksmith check`, which must find nothing.
    pub(crate) fn check(&self) {
        let checked: Ended = run(command(&["check", "--data-dir"]).arg(self.data()));
        assert_eq!(checked.code, Some(0), "{checked:?}");
    }

    pub(crate) fn drive(&self) -> &Drive {
        &self.drive
    }

    /// Whether the power is on. Whatever happened before a call that returns true, happened while
    /// it was.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }

    /// Cuts the power of the disk. Processes don't end by themselves: they see a disk that fails,
    /// and whatever they still say does not count.
    pub(crate) fn power_off(&self) {
        self.is_on.store(false, Ordering::SeqCst);
        self.drive.disk().power_off();
    }

    /// Turns the power on again, when no process uses the disk any more.
    pub(crate) fn power_on(&mut self, cut: &Cut) -> Lost {
        assert!(!self.is_on(), "the power is on");
        self.unmount();
        let disk = std::mem::replace(&mut *self.drive.disk(), Disk::new());
        let (disk, lost) = disk.after(cut, &mut self.chance);
        self.drive = Arc::new(Drive::new(disk, self.chance.next()));
        self.mount().expect("the disk is mounted again");
        lost
    }

    /// Cuts the power under a server, and turns it on again.
    pub(crate) fn cut(&mut self, server: Running, cut: &Cut) -> Lost {
        self.power_off();
        drop(server);
        self.power_on(cut)
    }

    /// The kernel forgets what it knows of the disk.
    fn unmount(&mut self) {
        let Some(session) = self.session.take() else { return };
        match session.umount_and_join() {
            // Seldom, the kernel ends the connection before it says that the disk is gone.
            Err(cause) if cause.kind() == ErrorKind::ConnectionAborted => {}
            ended => ended.expect("the disk is unmounted"),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // After a failure, too.
        if let Some(session) = self.session.take() {
            let _ = session.umount_and_join();
        }
    }
}
