//! What a message says, and how it is written.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::failure::Failure;

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The address.
    pub to: String,
    /// The name of the person.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// When it is written, in milliseconds since 1970.
    pub date_ms: i64,
    /// Its id, with the angle brackets, the same however often it is sent.
    pub message_id: String,
    /// The ids of the messages before it in its thread, the oldest first.
    pub references: Vec<String>,
    /// The thread, by which people sort their mail: a name, and a unique id.
    pub list: (String, String),
    /// The page on which a person says that they want no more of it. A post to it says so at once.
    pub unsubscribe: String,
    /// Why the person gets it, in a word.
    pub reason: &'static str,
    /// The plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// A message as it is sent.
pub struct Written {
    pub(crate) formatted: lettre::Message,
}

impl Message {
    /// The message as it is sent by somebody. One that can't be written never can.
    pub(crate) fn written(self, from: Mailbox) -> Result<Written, Failure> {
        let Self {
            to,
            to_name,
            subject,
            date_ms,
            message_id,
            references,
            list: (list_name, list_id),
            unsubscribe,
            reason,
            text,
            html,
        } = self;
        let never = |why: String| Failure::Never(why);
        let address = to.parse().map_err(|cause| never(format!("{to:?}: {cause}")))?;
        let date = UNIX_EPOCH + Duration::from_millis(date_ms.unsigned_abs());
        let mut builder = lettre::Message::builder()
            .from(from)
            .to(Mailbox::new(Some(to_name).filter(|name| !name.is_empty()), address))
            .subject(subject)
            .date(date)
            .message_id(Some(message_id));
        if let Some(last) = references.last() {
            builder = builder.in_reply_to(last.clone()).references(references.join(" "));
        }
        let body = MultiPart::alternative_plain_html(text, html);
        let mut formatted =
            builder.multipart(body).map_err(|cause| never(format!("no message: {cause}")))?;
        let quoted = list_name.replace(['"', '\\', '<', '>'], "");
        for (name, value) in [
            ("List-Id", format!("\"{quoted}\" <{list_id}>")),
            ("List-Unsubscribe", format!("<{unsubscribe}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            // Nobody's absence is to be answered to us.
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress", "All".to_owned()),
            ("X-Worksmith-Reason", reason.to_owned()),
        ] {
            let name = HeaderName::new_from_ascii_str(name);
            // Addresses stay whole: a folded one is broken for some clients.
            let header = HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value);
            formatted.headers_mut().insert_raw(header);
        }
        Ok(Written { formatted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Worksmith <tracker@example.org>";

    fn message() -> Message {
        Message {
            to: "bob@example.org".to_owned(),
            to_name: "Bob, \"the\" Builder".to_owned(),
            subject: "ISS-1: Größe\r\nBcc: all@example.org".to_owned(),
            date_ms: 1_767_268_800_000,
            message_id: "<n1.2@example.org>".to_owned(),
            references: vec!["<n1.1@example.org>".to_owned()],
            list: ("ISS-1".to_owned(), "issue-1.worksmith.example.org".to_owned()),
            unsubscribe: format!(
                "https://tracker.example.org/unsubscribe?token={}",
                "x".repeat(200)
            ),
            reason: "mention",
            text: "One\n.\nTwo\n".to_owned(),
            html: "<p>One</p>".to_owned(),
        }
    }

    fn written(message: Message) -> String {
        let written = message.written(FROM.parse().unwrap()).ok().unwrap();
        String::from_utf8(written.formatted.formatted()).unwrap()
    }

    #[test]
    fn a_message_has_what_threads_and_lists_need() {
        let text = written(message());
        for line in [
            "Message-ID: <n1.2@example.org>",
            "In-Reply-To: <n1.1@example.org>",
            "References: <n1.1@example.org>",
            "List-Id: \"ISS-1\" <issue-1.worksmith.example.org>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Auto-Submitted: auto-generated",
            "Date: Thu, 01 Jan 2026 12:00:00 +0000",
        ] {
            assert!(text.lines().any(|each| each == line), "{line}\n{text}");
        }
        let unsubscribe = text.lines().find(|line| line.starts_with("List-Unsubscribe: "));
        assert!(unsubscribe.unwrap().ends_with('>'), "{text}");
    }

    #[test]
    fn nothing_that_people_wrote_becomes_a_header() {
        let text = written(message());
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.is_ascii(), "{head}");
    }

    #[test]
    fn an_address_that_is_none_is_never_written_to() {
        let nobody = Message { to: "nobody".to_owned(), ..message() };
        let refused = nobody.written(FROM.parse().unwrap());
        assert!(matches!(refused, Err(Failure::Never(_))));
    }
}
