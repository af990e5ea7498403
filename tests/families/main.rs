//! One file per family, mirroring the tracker. One binary, so that it is linked once.

mod accounts;
mod artifact_parents;
mod artifact_readers;
mod artifacts;
#[path = "artifacts.rs"]
#[expect(clippy::duplicate_mod, reason = "the same must hold wherever the files are")]
mod artifacts_s3;
mod auth_tokens;
mod content_template;
mod custom_objects;
mod dev_users;
mod events;
mod groups;
mod import_github;
mod link_types;
mod links;
mod metric_definitions;
mod notifications;
mod parts;
mod ping;
mod preferences;
mod reactions;
mod rev_orgs;
mod rev_users;
mod s3_direct;
mod schedules;
mod schemas;
mod search;
mod seen;
mod service_accounts;
mod sla_trackers;
mod slas;
mod snap_widgets;
mod stages;
mod subscribers;
mod sys_users;
mod tags;
mod timeline_entries;
mod vistas;
mod webhooks;
mod works;
