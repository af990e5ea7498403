//! The addresses and headers that users write.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// The longest address in bytes.
const BYTES_MAX: usize = 2_048;

/// Headers that a request has anyway, or that would change how it is read.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-devrev-signature",
    "http2-settings",
];

/// An address to which requests are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Reads an address. What is wrong with it is said such that it follows its name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > BYTES_MAX {
            return Err("has more than 2048 bytes");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("contains blanks");
        }
        let url = Url::parse(text).map_err(|_| "is no absolute URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user or a password");
        }
        if url.fragment().is_some() {
            return Err("must not contain a fragment");
        }
        if url.port() == Some(0) || url.host_str().is_none_or(str::is_empty) {
            return Err("names no server");
        }
        Ok(Self(url))
    }

    /// The address, as it is sent to.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The numeric address that it names; `None` if it names a host.
    pub fn address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a text can name a further header: letters, digits, hyphens and underscores.
pub fn is_header_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=128).contains(&text.len()) && text.bytes().all(is_letter)
}

/// Whether users can't set a header because requests have it already.
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.contains(&name.as_str()) || name.starts_with("webhook-")
}

/// Whether a text can be the value of a further header.
pub fn is_header_value(text: &str) -> bool {
    let is_letter = |byte: u8| (b' '..=b'~').contains(&byte);
    text.len() <= 4_096 && text.bytes().all(is_letter) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_and_names_nobody() {
        for good in ["https://a.example/x?y=1", "http://[::1]:8080/", "http://a.example"] {
            assert!(Target::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example/x",
            "/x",
            "ftp://a.example",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "https://",
            "https://u:p@a.example",
            "https://u@a.example",
            "https://a.example/#x",
            "https://a.example:0/",
            "https://a.example/ x",
            "https://a.exam\nple/",
            "https://[::1",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
        assert!(Target::parse(&format!("https://a.example/{}", "x".repeat(2_048))).is_err());
    }

    #[test]
    fn every_spelling_of_a_number_is_known_for_what_it_is() {
        let address = |text: &str| Target::parse(text).unwrap().address().unwrap().to_string();
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://017700000001/",
            "http://0177.0.0.01/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "http://127\u{3002}0\u{3002}0\u{3002}1/",
        ] {
            assert_eq!(address(text), "127.0.0.1", "{text}");
        }
        assert_eq!(address("http://[::FFFF:127.0.0.1]/"), "::ffff:127.0.0.1");
        assert_eq!(address("http://[0:0:0:0:0:0:0:1]/"), "::1");
    }

    #[test]
    fn headers_are_names_and_values_that_nobody_else_sets() {
        assert!(is_header_name("X-Team_1") && is_header_name("authorization"));
        for bad in ["", "x y", "x:y", "x\r\ny", "é"] {
            assert!(!is_header_name(bad), "{bad}");
        }
        for reserved in ["Host", "content-length", "WEBHOOK-ID", "X-DevRev-Signature"] {
            assert!(is_reserved(reserved), "{reserved}");
        }
        assert!(!is_reserved("Authorization"));
        assert!(is_header_value("") && is_header_value("Bearer x"));
        for bad in ["x\r\ny: z", " x", "é", "x\0"] {
            assert!(!is_header_value(bad), "{bad:?}");
        }
    }
}
