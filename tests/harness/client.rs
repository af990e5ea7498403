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
        let head = format!(
            "POST /{op} HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\
             Content-Type: application/json\r\n"
        );
        let (mut answer, body) = self.exchange(&head, body.to_string().as_bytes())?;
        answer.body = String::from_utf8(body).expect("a text");
        Ok(answer)
    }

    /// Uploads the bytes of an artifact as `artifacts.prepare` said. Errors are those of a call.
    pub fn upload(&mut self, prepared: &Value, bytes: &[u8]) -> io::Result<Answer> {
        let path = path(prepared["url"].as_str().expect("an address"));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\n\
             Content-Type: multipart/form-data; boundary=xxxx\r\n"
        );
        let mut form = String::new();
        for field in prepared["form_data"].as_array().expect("fields") {
            let member = |name: &str| field[name].as_str().expect("a text").to_owned();
            form += &format!(
                "--xxxx\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
                member("key"),
                member("value")
            );
        }
        form += "--xxxx\r\nContent-Disposition: form-data; name=\"file\"; \
                 filename=\"a.txt\"\r\n\r\n";
        let form = [form.as_bytes(), bytes, b"\r\n--xxxx--\r\n"].concat();
        let (mut answer, body) = self.exchange(&head, &form)?;
        answer.body = String::from_utf8(body).expect("a text");
        Ok(answer)
    }

    /// The status and the bytes of an address that `artifacts.locate` returned.
    pub fn download(&mut self, url: &str) -> io::Result<(u16, Vec<u8>)> {
        let head = format!("GET {} HTTP/1.1\r\nHost: x\r\n", path(url));
        let (answer, bytes) = self.exchange(&head, b"")?;
        Ok((answer.status, bytes))
    }

    /// Sends a request: an answer without its body, and the body.
    fn exchange(&mut self, head: &str, body: &[u8]) -> io::Result<(Answer, Vec<u8>)> {
        let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
        self.0.get_mut().write_all(&[head.as_bytes(), body].concat())?;
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
        let status = status.expect("a status");
        Ok((Answer { status, revision, retry_after, body: String::new() }, body))
    }

    /// A line of the headers, without its line break.
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let whole = line.strip_suffix("\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(whole.to_ascii_lowercase())
    }
}

/// The path of an address.
fn path(url: &str) -> String {
    let (_, address) = url.split_once("://").expect("an address");
    let (_, path) = address.split_once('/').expect("a path");
    format!("/{path}")
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
