//! The requests, responses and errors of the API, one file per family, and the primitives they are
//! made of. There is no I/O, so a typed client can use the crate on its own.
//!
//! To add a family, add a file with its requests (the macros [`request!`] and, for those that hold
//! only an id, [`id_requests!`]), its object and its summary (plain structs with `Serialize` and
//! `JsonSchema`), and a line below.
//!
//! A request type describes its shape completely: a plain member is required, `Option` may be
//! absent, [`Patch`] may also be null, `Vec` may be absent or a single value, [`SetPatch`] and
//! [`ListPatch`] may be absent. Reading a request checks names, JSON types, enums, limits and the
//! kinds of ids, and returns the first mistake as an [`ApiError`] that names the field.

extern crate self as worksmith_wire;

mod embed;
mod error;
mod filter;
mod id;
mod kind;
mod macros;
mod page;
mod parse;
mod patch;
mod query;
mod text;
mod time;

pub mod accounts;
pub mod artifacts;
pub mod auth_tokens;
pub mod channels;
pub mod common;
pub mod content_template;
pub mod custom;
pub mod custom_objects;
pub mod dev_orgs;
pub mod dev_users;
pub mod events;
pub mod groups;
pub mod link_types;
pub mod links;
pub mod metric_definitions;
pub mod metric_trackers;
pub mod notifications;
pub mod org_schedule_fragments;
pub mod org_schedules;
pub mod parts;
pub mod ping;
pub mod preferences;
pub mod reactions;
pub mod rev_orgs;
pub mod rev_users;
pub mod schemas;
pub mod search;
pub mod service_accounts;
pub mod sla_trackers;
pub mod slas;
pub mod snap_widgets;
pub mod stages;
pub mod subscribers;
pub mod sys_users;
pub mod tags;
pub mod timeline_entries;
pub mod vistas;
pub mod webhooks;
pub mod works;

pub use embed::Embedded;
pub use error::{ApiError, ErrorType};
pub use filter::{DateFilter, DateRange, Span};
pub use id::{Id, NotAnId, OrgName, Series};
pub use kind::{Kind, KindFacts, Numbering};
pub use macros::union_schema;
pub use page::{Direction, ListMode, PageCursor, PageRequest, SortBy};
pub use parse::{
    At, FromWire, Ignored, Plus, Required, Source, WireObject, json_type, read_enum, read_id,
    read_object,
};
pub use patch::{Apply, ListPatch, Patch, SetPatch, distinct, each};
pub use query::from_query;
pub use text::{AtMost, Color, MailAddress, Many, PlusText, Text};
pub use time::{CalendarUnit, DateTime, Timestamp};

#[doc(hidden)]
pub mod __private {
    //! What the macros expand to.
    pub use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    pub use serde;
    pub use serde_json::{Map, Value};

    pub use crate::macros::{describe_object, is_default, member};
}
