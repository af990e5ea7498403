//! One file per family, mirroring the tracker. One binary, so that it is linked once.

mod auth_tokens;
mod dev_users;
mod groups;
mod ping;
mod service_accounts;
mod sys_users;
mod tags;
