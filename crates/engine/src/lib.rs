//! The table of operations, and the way of a call through a transaction, without SQL.
//!
//! [`OpTable`] has a row for each operation. [`Engine::execute`] runs one: it opens a [`Tx`], which
//! reads one state of the store and sees its own writes, and hands over one batch at the end. If
//! another was faster, the operation runs again. `cache.rs` remembers what was rendered.

mod cache;
mod engine;
mod execute;
mod function;
mod ops;
mod pace;
mod reply;
mod tx;

pub use engine::Engine;
pub use execute::Outcome;
pub use function::{BoxFuture, OpFn};
pub use ops::{Access, Op, OpTable, Preparation, Request};
pub use pace::Pace;
pub use reply::{Parts, Reply, Rest};
pub use tx::{
    Announced, AnyChange, AsOf, Authorship, BY_CREATION, Cascade, Change, Changed, Feed, FeedPage,
    Followers, FoundObject, FoundPage, FoundPart, Happened, Heard, Listed, Listener, Lists,
    MergedPage, One, OwnChange, PageOf, Past, Position, Refs, Search, SearchOrder, SearchPage,
    Start, Stretch, Tx, Wants,
};
pub use worksmith_kernel::Audience;
pub use worksmith_store::Edge;
