//! Messages by SMTP: a [`Mailer`] knows the server and the sender, a [`Message`] is what is said,
//! and a [`Conversation`] hands messages over. It knows nothing of whom messages are for or why.
//!
//! A message is handed over in two steps. [`Conversation::offer`] says for whom it is, and has the
//! server ask for the text; nothing is sent before that, so whatever goes wrong, it can be tried
//! again. [`Conversation::hand_over`] sends the text. If the connection is lost before the server
//! answers, nobody knows whether it took the message: SMTP has no way to ask
//! ([`Failure::Unknown`]).

mod conversation;
mod failure;
mod mailer;
mod message;

pub use conversation::Conversation;
pub use failure::Failure;
pub use mailer::{BadSettings, Mailer};
pub use message::{Message, Written};
