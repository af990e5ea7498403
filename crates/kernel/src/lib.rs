//! What every family shares: the context of a call, the documents and their columns, references and
//! names, queries, the expansion of ids into summaries, and errors. No SQL, no HTTP.
//!
//! To add a kind of object, implement [`Resource`] for its document.

mod columns;
mod context;
mod cursor;
mod derive;
mod digest;
pub mod erased;
mod error;
mod expand;
mod family;
mod forms;
mod members;
mod props;
mod query;
mod references;
#[cfg(doctest)]
mod refused;
mod registry;
mod resource;
mod rewrite;
mod row;
pub mod search;
mod table;

pub use columns::{Column, Name, Reference};
pub use context::{
    Actor, Audience, Clock, Entropy, OpCtx, Preconditions, Renewal, Rights, SystemClock,
    SystemEntropy, opaque,
};
pub use cursor::Cursor;
pub use derive::Derived;
pub use digest::{DIGEST, Digest};
pub use erased::{line, lines};
pub use error::{Error, Result};
pub use expand::{Entry, Expander};
pub use family::{Family, Standing, above, embedded_ids};
pub use forms::{FormSigner, FormTerms, SignedForm};
pub use members::{Member, Members, text_range, value_at};
pub use props::{Has, Keys, Prop};
pub use query::{Cond, Group, Query};
pub use references::{Beside, Keeps, Rewrite};
pub use registry::{Reader, Registry};
pub use resource::Resource;
pub use rewrite::rewritten;
pub use row::{ColumnType, DOC_VERSION, LongText, Meta, RawRow, Stored, Table, TableColumn, Value};
