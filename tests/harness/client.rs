//! A client for tests that put load on the program: it has a persistent connection, and its calls
//! distinguish a broken connection from an answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::process::TOKEN;

/// How long an answer may take, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The revision of the object that it shows.
    pub revision: Option<u64>,
    /// The seconds to wait before trying again.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

/// A persistent connection, as the first user.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects to a server without TLS.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Calls an operation. An error is one of the connection, including an answer that is cut
    /// short; the outcome of the call is unknown then.
    pub fn call(&mut self, op: &str, body: &Value) -> io::Result<Answer> {
        let body = body.to_string();
        let request = format!(
            "POST /{op} HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let (mut length, mut revision, mut retry_after) = (0, None, None);
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().expect("a length"),
                Some(("x-worksmith-revision", value)) => revision = value.parse().ok(),
                Some(("retry-after", value)) => retry_after = value.parse().ok(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8(body).expect("a text");
        Ok(Answer { status: status.expect("a status"), revision, retry_after, body })
    }

    /// A line of the headers, without its line break.
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let whole = line.strip_suffix("\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(whole.to_ascii_lowercase())
    }
}

/// A random generator with a seed (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    /// Any number. The sequence never ends, so this is not an iterator.
    #[expect(clippy::should_implement_trait, reason = "it is no iterator")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
