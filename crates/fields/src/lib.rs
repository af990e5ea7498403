//! What an org defines itself: stages and their diagrams, schemas with custom fields, objects of
//! its own types, and types of links. `schemas` and `stages` are what other families use.

pub mod custom_objects;
pub mod link_types;
pub mod schemas;
pub mod stages;

use worksmith_engine::OpTable;
use worksmith_kernel::Resource;

/// Registers the families. `R` are the objects of stock leaf types, whose subtypes can be changed.
pub fn ops<R: Resource + schemas::Staged>(table: &mut OpTable) {
    custom_objects::ops(table);
    link_types::ops(table);
    schemas::ops::<R>(table);
    stages::ops(table);
}
