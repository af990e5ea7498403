//! Sending signed requests to addresses that users choose. It knows nothing of what is sent.
//!
//! - `sign.rs` makes the signatures. A request exists only with them ([`Signed`]).
//! - `schedule.rs` says when a request that failed is sent again.
//! - `guard.rs` says which addresses may be reached, and `target.rs` reads those that users write.
//! - `client.rs` sends: over a connection to an address that the guard has seen, and to no other.

mod client;
mod guard;
mod schedule;
mod sign;
mod target;

pub use client::{Answer, Client, Fault, Lookup, Names, Sender, Sending, Sent, SystemNames};
pub use guard::{Guard, Refused};
pub use ipnet::IpNet;
pub use schedule::{ATTEMPTS, retry_after, retry_in, verify_in};
pub use sign::{Header, Secrets, Signed};
pub use target::{Target, is_header_name, is_header_value, is_reserved};
