//! An org, and what everything in it refers to: users, groups, customers, tokens, tags and files.
//!
//! Accounts, workspaces (`rev_orgs`) and contacts (`rev_users`) are customers. `auth` finds whom a
//! token stands for. `artifacts` and `tagging` are what other families use for files and tags.

pub mod accounts;
pub mod artifacts;
pub mod auth;
pub mod auth_tokens;
pub mod customers;
pub mod dev_orgs;
pub mod dev_users;
pub mod environment;
pub mod groups;
pub mod merging;
pub mod rev_orgs;
pub mod rev_users;
pub mod secrets;
pub mod service_accounts;
pub mod sys_users;
pub mod tagging;
pub mod tags;
pub mod tokens;
pub mod users;

pub use environment::Environment;
use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    accounts::ops(table);
    artifacts::ops(table);
    auth_tokens::ops(table);
    dev_orgs::ops(table);
    dev_users::ops(table);
    groups::ops(table);
    rev_orgs::ops(table);
    rev_users::ops(table);
    service_accounts::ops(table);
    sys_users::ops(table);
    tags::ops(table);
}
