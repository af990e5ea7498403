//! Where messages are handed over, and whom they are from.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::conversation::Conversation;
use crate::failure::Failure;
use crate::message::{Message, Written};

/// How long the server may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The ports of the three ways to talk to a server.
const PLAIN_PORT: u16 = 25;
const STARTTLS_PORT: u16 = 587;
const TLS_PORT: u16 = 465;

/// Settings that are none, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSettings(pub String);

impl fmt::Display for BadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    Never,
    /// By STARTTLS, if the server offers that.
    IfOffered,
    /// By STARTTLS.
    Required,
    /// From the first byte on.
    AtOnce,
}

/// A server that takes messages, and the sender of all of them.
#[derive(Clone, Debug)]
pub struct Mailer {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    /// The sender.
    from: Mailbox,
}

impl Mailer {
    /// Reads the address of a server: `smtp://host`, which encrypts if the server offers that,
    /// `smtp://host?tls=required`, `smtp://host?tls=never`, or `smtps://host`, each with
    /// `user:password@` before the host if the server wants it, and `:port` after it. And that of
    /// the sender: `Worksmith <tracker@example.org>`.
    pub fn new(server: &str, from: &str) -> Result<Self, BadSettings> {
        // The address may have a password, so it is not shown.
        let bad = |what: &str| BadSettings(format!("the address of the mail server {what}"));
        let url = Url::parse(server).map_err(|cause| bad(&format!("is none: {cause}")))?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
        let (encryption, usual) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => (Encryption::AtOnce, TLS_PORT),
            ("smtp", None | Some("offered")) => (Encryption::IfOffered, STARTTLS_PORT),
            ("smtp", Some("required")) => (Encryption::Required, STARTTLS_PORT),
            ("smtp", Some("never")) => (Encryption::Never, PLAIN_PORT),
            ("smtp", Some(_)) => return Err(bad("takes ?tls=required, offered or never")),
            _ => return Err(bad("begins with smtp:// or smtps://")),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| bad("names no host"))?.trim_matches(['[', ']']).to_owned();
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| bad("has a user or password that is no text"))
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => {
                let password = decoded(password.unwrap_or_default())?;
                Some(Credentials::new(decoded(user)?, password))
            }
        };
        let from: Mailbox = from.parse().map_err(|_| {
            let like = "write it as in Worksmith <tracker@example.org>";
            BadSettings(format!("the sender {from:?} is no mail address; {like}"))
        })?;
        let port = url.port().unwrap_or(usual);
        Ok(Self { host, port, encryption, credentials, from })
    }

    /// The part of the sender's address after the `@`, in which the ids of messages are unique.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Writes a message. One that can't be written never can.
    pub fn write(&self, message: Message) -> Result<Written, Failure> {
        message.written(self.from.clone())
    }

    /// Begins to talk to the server. Whatever fails here is no fault of a message.
    pub async fn connect(&self) -> Result<Conversation, Failure> {
        // If a TLS provider is installed already, it is this one.
        drop(rustls::crypto::ring::default_provider().install_default());
        self.connected()
            .await
            .map(|connection| Conversation { connection })
            .map_err(|cause| Failure::Later(format!("{}:{}: {cause}", self.host, self.port)))
    }

    async fn connected(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let tls = || TlsParameters::new_rustls(self.host.clone());
        let hello = ClientId::Domain(self.domain().to_owned());
        let at_once = (self.encryption == Encryption::AtOnce).then(tls).transpose()?;
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(TIMEOUT), &hello, at_once, None)
                .await?;
        let wants_tls = match self.encryption {
            Encryption::Never | Encryption::AtOnce => false,
            Encryption::IfOffered => connection.can_starttls(),
            Encryption::Required => true,
        };
        if wants_tls {
            connection.starttls(tls()?, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Worksmith <tracker@example.org>";

    #[test]
    fn the_address_of_a_server_says_how_to_talk_to_it() {
        for (server, host, port, encryption) in [
            ("smtp://mail.example.org", "mail.example.org", 587, Encryption::IfOffered),
            ("smtp://mail.example.org:2525?tls=never", "mail.example.org", 2525, Encryption::Never),
            ("smtp://10.0.0.1?tls=never", "10.0.0.1", 25, Encryption::Never),
            ("smtp://a.example?tls=required", "a.example", 587, Encryption::Required),
            ("smtps://[::1]", "::1", 465, Encryption::AtOnce),
        ] {
            let mailer = Mailer::new(server, FROM).unwrap();
            let seen = (mailer.host.as_str(), mailer.port, mailer.encryption);
            assert_eq!(seen, (host, port, encryption), "{server}");
            assert_eq!((mailer.domain(), &mailer.credentials), ("example.org", &None));
        }
        let with_password = Mailer::new("smtps://a%40b:p%3Aw@mail.example.org", FROM).unwrap();
        let expected = Credentials::new("a@b".to_owned(), "p:w".to_owned());
        assert_eq!(with_password.credentials, Some(expected));
    }

    #[test]
    fn bad_settings_are_refused_and_no_password_is_shown() {
        for (server, from) in [
            ("mail.example.org", FROM),
            ("http://u:secret@mail.example.org", FROM),
            ("smtp://u:secret@mail.example.org?tls=maybe", FROM),
            ("smtp://", FROM),
            ("smtp://mail.example.org", "nobody"),
        ] {
            let BadSettings(why) = Mailer::new(server, from).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
