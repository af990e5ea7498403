//! One file per family, mirroring the tracker. One binary, so that it is linked once.

mod accounts;
mod auth_tokens;
mod dev_users;
mod groups;
mod ping;
mod rev_orgs;
mod rev_users;
mod service_accounts;
mod sys_users;
mod tags;
