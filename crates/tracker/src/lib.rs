//! The product as a whole: the table of every operation, and what takes several families.
//!
//! The rules of each family are in the crates `org`, `fields`, `sla`, `work`, `talk` and `inbox`,
//! in a file or folder of the family's name: `works.update` is the function `update` in
//! `work/src/works/update.rs`.
//!
//! To add a family, follow `org/src/tags.rs`; docs/ARCHITECTURE.md has the steps.

pub mod bootstrap;
pub mod cascades;
pub mod events;
pub mod import;
pub mod ping;
pub mod search;
pub mod tracking;
pub mod webhooks;

use worksmith_engine::{Cascade, OpTable};
use worksmith_work::works::Work;

/// Every operation that is implemented, and every kind of object that is stored.
pub fn table() -> OpTable {
    let mut table = OpTable::default();
    table.family::<Cascade>();
    events::ops(&mut table);
    ping::ops(&mut table);
    worksmith_org::ops(&mut table);
    worksmith_fields::ops::<Work>(&mut table);
    worksmith_sla::ops(&mut table);
    worksmith_work::ops(&mut table);
    worksmith_talk::ops(&mut table);
    worksmith_inbox::ops(&mut table);
    // After works, because their other followers come first.
    tracking::ops(&mut table);
    webhooks::ops(&mut table);
    search::ops(&mut table);
    table
}
