//! The product: the rules of each family, without SQL, HTTP or a clock of its own.
//!
//! The way of a call: `http` finds its row in [`table`], builds the context, and the store runs the
//! function of the row in a transaction. `works.update` is the function `works::update`.
//!
//! To add a family, add its requests and its object to `wire`; here, a file with the document and
//! its `Resource`, a function for each operation, and `ops` that registers them; a line in
//! [`table`]; and a test file of the same name in `tests/families`.

pub mod accounts;
pub mod artifacts;
pub mod auth;
pub mod auth_tokens;
pub mod bootstrap;
pub mod cascades;
pub mod channels;
pub mod custom_objects;
mod customers;
pub mod dev_orgs;
pub mod dev_users;
mod environment;
pub mod groups;
pub mod import;
pub mod link_types;
mod merging;
pub mod metric_definitions;
pub mod parts;
pub mod ping;
pub mod rev_orgs;
pub mod rev_users;
pub mod schedules;
pub mod schemas;
mod secrets;
pub mod service_accounts;
pub mod sla_trackers;
pub mod slas;
pub mod stages;
pub mod sys_users;
pub mod tagging;
pub mod tags;
mod tokens;
pub mod tracking;
mod users;
mod variants;
pub mod vistas;
pub mod works;

pub use environment::Environment;
use worksmith_engine::{Cascade, OpTable, Tx};

/// Every operation that is implemented, and every kind of object that is stored.
pub fn table() -> OpTable {
    let mut table = OpTable::default();
    table.family::<Cascade>();
    accounts::ops(&mut table);
    artifacts::ops(&mut table);
    auth_tokens::ops(&mut table);
    channels::ops(&mut table);
    custom_objects::ops(&mut table);
    dev_orgs::ops(&mut table);
    dev_users::ops(&mut table);
    groups::ops(&mut table);
    metric_definitions::ops(&mut table);
    link_types::ops(&mut table);
    parts::ops(&mut table);
    ping::ops(&mut table);
    rev_orgs::ops(&mut table);
    rev_users::ops(&mut table);
    schedules::ops(&mut table);
    schemas::ops::<works::Work>(&mut table);
    service_accounts::ops(&mut table);
    sla_trackers::ops(&mut table);
    slas::ops(&mut table);
    stages::ops(&mut table);
    sys_users::ops(&mut table);
    tags::ops(&mut table);
    vistas::ops(&mut table);
    works::ops(&mut table);
    tracking::ops(&mut table);
    table
}
