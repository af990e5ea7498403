//! Schemas: the fields that orgs add to objects, the subtypes and apps to which they belong, and
//! the rules for their values.
//!
//! `fragment.rs` and `leaf.rs` are the documents, `set.rs`, `read.rs` and `prepare.rs` the
//! operations, `check.rs`, `value.rs` and `validate.rs` the rules, without any I/O. Families whose
//! objects have custom fields write and show them with [`custom`].

mod check;
mod conditions;
pub mod custom;
pub mod filterable;
mod fragment;
pub mod leaf;
mod prepare;
mod read;
mod set;
pub mod stock;
mod validate;
mod value;

pub use check::Schema;
use custom::schema_of;
pub use custom::{
    Custom, Customizable, Customizing, FRAGMENTS, Staged, begin, lead_back, render,
    stock_overrides, stock_view, whole, write,
};
pub use fragment::Fragment;
pub use leaf::LeafSchema;
use worksmith_engine::{Audience, Op, OpTable};
use worksmith_kernel::Resource;

/// Registers the family. `R` are the objects of stock leaf types, whose subtypes can be changed.
pub fn ops<R: Resource + Staged>(table: &mut OpTable) {
    table.family::<Fragment>();
    table.family::<LeafSchema>();
    let set = Op::create("schemas.custom.set", "custom_type_fragment");
    table.add(set.audience(Audience::Admins), set::set);
    table.add(Op::read("schemas.custom.get", ""), read::get);
    table.add(Op::read("schemas.custom.list", ""), read::list);
    table.add(Op::read("schemas.stock.get", ""), read::stock_get);
    table.add(Op::read("schemas.stock.list", ""), read::stock_list);
    table.add(Op::read("schemas.aggregated.get", ""), read::aggregated);
    table.add(Op::read("schemas.subtypes.list", ""), read::subtypes);
    let preview = Op::read("schemas.subtypes.prepare-update", "").without_get();
    table.add(preview, prepare::prepare::<R>);
    table.feed::<Fragment>("schemas.custom.get");
}

/// Whether a text can be the name of a leaf type of the org's own: lower-case letters and
/// underscores.
pub fn is_leaf_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}
