//! Handing messages over to a server.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailParameter};

use crate::failure::Failure;
use crate::message::Written;

/// A connection to a server that takes messages.
pub struct Conversation {
    pub(crate) connection: AsyncSmtpConnection,
}

impl Conversation {
    /// Tells the server for whom a message is, until it asks for the text. It must be sent then, or
    /// the connection dropped.
    pub async fn offer(&mut self, message: &Written) -> Result<(), Failure> {
        let envelope = message.formatted.envelope();
        let mut parameters = Vec::new();
        let addresses = envelope.to().iter().chain(envelope.from());
        if addresses.map(AsRef::<str>::as_ref).any(|address| !address.is_ascii()) {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let why = "the address has letters that the mail server does not know";
                return Err(Failure::Never(why.to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let before = |cause: Error| Failure::before(&cause);
        let mail = Mail::new(envelope.from().cloned(), parameters);
        // That the server wants nothing from us is no fault of the message.
        let from_us = |cause: Error| Failure::Later(cause.to_string());
        self.connection.command(mail).await.map_err(from_us)?;
        for to in envelope.to() {
            let rcpt = Rcpt::new(to.clone(), Vec::new());
            self.connection.command(rcpt).await.map_err(before)?;
        }
        self.connection.command(Data).await.map(drop).map_err(before)
    }

    /// Sends the text that the server has asked for.
    pub async fn hand_over(&mut self, message: &Written) -> Result<(), Failure> {
        let text = message.formatted.formatted();
        let answer = self.connection.message(&text).await;
        answer.map(drop).map_err(|cause| Failure::after(&cause))
    }

    /// Takes leave of the server.
    pub async fn end(mut self) {
        if let Err(cause) = self.connection.quit().await {
            tracing::debug!(%cause, "a mail server does not take leave");
        }
    }
}
