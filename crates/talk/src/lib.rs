//! What people say about objects, and what became of these: timelines, reactions, and widgets that
//! comments show.

pub mod reactions;
pub mod snap_widgets;
pub mod timeline_entries;

use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    reactions::ops(table);
    snap_widgets::ops(table);
    timeline_entries::ops(table);
}
