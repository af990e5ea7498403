//! Power cuts: the program writes to a disk that loses what was not synced, and whatever it has
//! acknowledged must be there when the power is back.
//!
//! `WORKSMITH_POWER_CUTS` sets how many cuts there are, 60 if absent, and `WORKSMITH_POWER_SEED`
//! the seed. The disk is a file system of this process (FUSE). Where none can be mounted the tests
//! are skipped, unless a number of cuts is asked for.

#![cfg(target_os = "linux")]

mod cut;
mod cuts;
mod disk;
mod failures;
mod machine;
mod made;
mod model;
mod mount;
