//! What people say about objects, and what became of these: timelines and reactions.

pub mod reactions;
pub mod timeline_entries;

use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    reactions::ops(table);
    timeline_entries::ops(table);
}
