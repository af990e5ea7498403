//! Works: issues, tickets, tasks and opportunities. With them, the parts that they are about, the
//! vistas and sprints in which they are planned, the channels through which they come in, and the
//! links between all of these.

pub mod channels;
pub mod links;
pub mod parts;
pub mod types;
pub mod vistas;
pub mod works;

use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    channels::ops(table);
    links::ops(table);
    parts::ops(table);
    vistas::ops(table);
    works::ops(table);
}
