//! Signatures: that of the hosted service, and those of Standard Webhooks beside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::target::Target;

/// The header with the signature of the hosted service: the HMAC-SHA256 of the body in lower-case
/// hexadecimal digits, by the text of the secret.
const SIGNATURE: &str = "X-DevRev-Signature";

/// What a request is signed with: a secret, and the one before it as long as that is valid, too.
#[derive(Clone, Copy, Debug)]
pub struct Secrets<'a> {
    /// The present secret, a text in base64.
    pub current: &'a str,
    /// The one before.
    pub old: Option<&'a str>,
}

/// A name and a value.
pub type Header = (String, String);

/// A request with its signatures. There are no others.
#[derive(Clone, Debug)]
pub struct Signed {
    target: Target,
    headers: Vec<Header>,
    /// How many of the headers this server has made.
    own: usize,
    body: String,
}

impl Signed {
    /// A request to a target, with a body of JSON and further headers. `id` identifies what is
    /// told, and `at` is when it is sent, in seconds since 1970.
    pub fn new(
        target: Target,
        secrets: Secrets<'_>,
        (id, at): (&str, i64),
        body: String,
        further: &[Header],
    ) -> Self {
        let Secrets { current, old } = secrets;
        let content = format!("{id}.{at}.{body}");
        let mut signatures = vec![standard(current, &content)];
        signatures.extend(old.map(|old| standard(old, &content)));
        let mut headers: Vec<Header> = [
            ("Content-Type", "application/json".to_owned()),
            ("User-Agent", concat!("Worksmith/", env!("CARGO_PKG_VERSION")).to_owned()),
            (SIGNATURE, hex::encode(hmac(current.as_bytes(), body.as_bytes()))),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        let own = headers.len();
        headers.extend_from_slice(further);
        Self { target, headers, own, body }
    }

    /// Where it goes.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Its headers: those of this server, and the further ones.
    pub fn headers(&self) -> (&[Header], &[Header]) {
        self.headers.split_at(self.own)
    }

    /// Its body.
    pub fn body(&self) -> &str {
        &self.body
    }
}

fn hmac(key: &[u8], content: &[u8]) -> Vec<u8> {
    // Keys of any length are good.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

/// A signature of Standard Webhooks, whose key is what the text of the secret encodes.
fn standard(secret: &str, content: &str) -> String {
    let key = STANDARD.decode(secret).unwrap_or_else(|_| secret.as_bytes().to_vec());
    format!("v1,{}", STANDARD.encode(hmac(&key, content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(secrets: Secrets<'_>, body: &str) -> Vec<(String, String)> {
        let target = Target::parse("https://example.org/hook").unwrap();
        let further = [("X-Own".to_owned(), "1".to_owned())];
        let signed = Signed::new(target, secrets, ("msg_1", 1_614_265_330), body.into(), &further);
        signed.headers
    }

    fn value(headers: &[(String, String)], name: &str) -> String {
        headers.iter().find(|(own, _)| own == name).unwrap().1.clone()
    }

    #[test]
    fn a_request_has_the_signatures_of_both_kinds() {
        // The example of Standard Webhooks.
        let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = r#"{"test": 2432232314}"#;
        let target = Target::parse("https://example.org/").unwrap();
        let id = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let secrets = Secrets { current: secret, old: None };
        let headers = Signed::new(target, secrets, id, body.to_owned(), &[]).headers;
        let standard = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(value(&headers, "webhook-signature"), standard);
        assert_eq!(value(&headers, "webhook-timestamp"), "1614265330");
        // openssl dgst -sha256 -hmac MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
        let own = hex::encode(hmac(secret.as_bytes(), body.as_bytes()));
        assert_eq!((value(&headers, SIGNATURE), own.len()), (own, 64));
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let one = Secrets { current: "b25lb25lb25l", old: None };
        let two = Secrets { current: "dHdvdHdvdHdv", old: Some("b25lb25lb25l") };
        let (one, two) = (signed(one, "{}"), signed(two, "{}"));
        let signature = |headers: &[(String, String)]| value(headers, "webhook-signature");
        let (only, both) = (signature(&one), signature(&two));
        assert_eq!(both.split(' ').nth(1), Some(only.as_str()));
        assert_ne!(value(&one, SIGNATURE), value(&two, SIGNATURE));
        assert_eq!(two.last().unwrap().0, "X-Own");
    }
}
