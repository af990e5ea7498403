//! What every family shares: the context of a call, the documents and their columns, queries, the
//! expansion of ids into summaries, errors, and the table of operations. No SQL, no HTTP.
//!
//! To add a kind of object: implement [`Resource`] for its document and register it with
//! [`OpTable::family`]. To add an operation: one function in the `tracker` crate, and one
//! [`OpTable::add`].

mod columns;
mod context;
mod cursor;
mod digest;
pub mod erased;
mod error;
mod expand;
mod forms;
mod ops;
mod props;
mod query;
#[cfg(doctest)]
mod refused;
mod registry;
mod resource;
mod rewrite;
mod table;

pub use columns::{Column, Name, Reference};
pub use context::{
    Actor, Clock, Entropy, OpCtx, Preconditions, SystemClock, SystemEntropy, opaque,
};
pub use cursor::Cursor;
pub use digest::{DIGEST, Digest};
pub use erased::{line, lines};
pub use error::{Error, Result};
pub use expand::{Derived, Entry, Expander, Family, Standing};
pub use forms::{FormSigner, FormTerms, SignedForm};
pub use ops::{Access, Audience, BoxFuture, Op, OpFn, OpTable, Parts, Reply, Request, Rest};
pub use props::{Has, Keys, Prop};
pub use query::{Cond, Query};
pub use registry::{AnyChange, Changed, Reader, Refs, Registry};
pub use resource::{DOC_VERSION, Meta, RawRow, Resource, Stored, Value};
pub use rewrite::{Beside, Keeps, Rewrite, rewritten};
pub use table::{ColumnType, Table, TableColumn};
