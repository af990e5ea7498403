//! How the upgrade of a database is shown at a start: as a bar on a terminal, otherwise as lines of
//! the log.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use worksmith_store::{UpgradePart, Upgrading};

use crate::output::{Output, Progress};

/// How often the log has a line.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows each step of an upgrade.
pub(crate) fn shown(output: &Output) -> impl FnMut(Upgrading<'_>) + Send + use<> {
    let (output, is_terminal) = (output.clone(), io::stderr().is_terminal());
    let mut pace: Option<Pace> = None;
    move |at| {
        let pace = match &mut pace {
            Some(pace) if pace.part == at.part => pace,
            other => {
                begins(&at, is_terminal.then_some(&output));
                other.insert(Pace::begin(&at))
            }
        };
        if is_terminal {
            output.show(&Progress {
                what: counted(at.part).to_owned(),
                done: at.done,
                all: Some(at.all),
                share: None,
                at: Some(at.table.to_owned()),
                earlier: at.earlier,
                every: u64::MAX,
            });
        } else if at.done >= at.all || pace.told.elapsed() >= LINE_EVERY {
            let Upgrading { table, done, all, .. } = at;
            let (counted, seconds_left) = (counted(at.part), pace.seconds_left(&at));
            pace.told = Instant::now();
            tracing::info!(table, done, all, counted, seconds_left, "upgrading the database");
        }
    }
}

/// What a part of an upgrade counts.
const fn counted(part: UpgradePart) -> &'static str {
    match part {
        UpgradePart::Rows => "rows",
        UpgradePart::Indexes => "indexes",
    }
}

/// Says that an upgrade begins, or continues.
fn begins(at: &Upgrading<'_>, terminal: Option<&Output>) {
    let Upgrading { done, all, earlier, .. } = *at;
    match (terminal, at.part) {
        (_, UpgradePart::Indexes) => {}
        (Some(output), _) if earlier > 0 => output.note(format_args!(
            "Continuing an upgrade of the database that was interrupted: {earlier} of {all} rows \
             are done"
        )),
        (Some(output), _) => output.note("Upgrading the database"),
        (None, _) if earlier > 0 => {
            tracing::info!(done, all, "continuing an upgrade of the database that was interrupted");
        }
        (None, _) => tracing::info!(all, "upgrading the database"),
    }
}

/// How fast it goes.
struct Pace {
    part: UpgradePart,
    begin: Instant,
    /// How many were done at the beginning.
    from: u64,
    /// When the log had its last line.
    told: Instant,
}

impl Pace {
    fn begin(at: &Upgrading<'_>) -> Self {
        let now = Instant::now();
        Self { part: at.part, begin: now, from: at.done, told: now }
    }

    /// How long it takes at this pace.
    fn seconds_left(&self, at: &Upgrading<'_>) -> u64 {
        let seconds = self.begin.elapsed().as_secs();
        let (done, left) = (at.done.saturating_sub(self.from), at.all.saturating_sub(at.done));
        seconds.saturating_mul(left) / done.max(1)
    }
}
