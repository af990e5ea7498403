//! The way of a call through a transaction, without SQL.
//!
//! [`Engine::execute`] runs an operation: it opens a [`Tx`], which reads one state of the store and
//! sees its own writes, and hands over one batch at the end. If another was faster, the operation
//! runs again. `cache.rs` remembers what was rendered.

mod cache;
mod engine;
mod execute;
mod tx;

pub use engine::Engine;
pub use execute::Outcome;
pub use tx::{Authorship, Cascade, One, PageOf, Position, Tx};
