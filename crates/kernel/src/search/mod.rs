//! Full text search, as far as it takes no database: what a family gives to the index, words, the
//! language of queries, and what of an object a query hits.

mod entry;
mod hits;
mod needs;
mod terms;
mod tokens;

pub use entry::{Facet, Search, SearchEntry, Searched};
pub use needs::Needs;
pub use terms::{Clause, Filter, Terms, Within};
pub use tokens::{Token, tokens};
