//! What people get by mail (BEHAVIOUR 24.5). A letter is written once what it tells of has come to
//! rest (`write.rs`), in the transaction that notes that: it has its `Message-ID` from then on.
//! `send.rs` hands letters over, `text.rs` says what they say, `doc.rs` is the document.

mod doc;
mod send;
mod text;
mod write;

pub use doc::Letter;
pub use send::send;
pub use write::write;
