//! What every backend must do, through the public API alone.
//!
//! `suite/` holds the behaviours, one function each; `driver.rs` runs random operations against the
//! backend and against `model.rs`, which does the same in memory; `crash.rs` kills a writer. To add
//! a backend, add a file like `sqlite.rs` and its `mod` line.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod bed;
mod crash;
mod driver;
mod interrupted;
mod layout;
mod model;
mod moves;
mod plans;
mod postgres;
mod sqlite;
mod suite;
mod texts;
mod upgrades;
