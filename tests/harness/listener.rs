//! A client of `events.stream` that does as little as possible, so that many of them can listen
//! beside the server that a test measures.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::process::TOKEN;

/// How long a stream may be silent, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// A stream, over a connection of its own, as the first user.
pub struct Listener(BufReader<TcpStream>);

/// A frame of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The cursor, if it has one.
    pub id: String,
    /// The event as JSON; empty if there is none.
    pub data: String,
}

impl Listener {
    /// Opens a stream that continues after a cursor, or else with the next change.
    pub fn open(address: SocketAddr, after: Option<&str>) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let after = after.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        // To a client of 1.0, the body comes as it is.
        let request = format!(
            "GET /events.stream HTTP/1.0\r\nHost: x\r\nAuthorization: {TOKEN}\r\n{after}\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut listener = Self(BufReader::with_capacity(1 << 16, stream));
        let mut line = Vec::new();
        listener.line(&mut line)?;
        if !line.ends_with(b" 200 OK\r") {
            let status = String::from_utf8_lossy(&line).into_owned();
            return Err(io::Error::other(status));
        }
        while line != b"\r" {
            listener.line(&mut line)?;
        }
        Ok(listener)
    }

    /// Reads the next line without its line break.
    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        self.0.read_until(b'\n', line)?;
        line.pop_if(|last| *last == b'\n').ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(())
    }

    /// The next frame. The end of the stream is an error, and so is a frame that is cut.
    pub fn frame(&mut self) -> io::Result<Frame> {
        let (mut frame, mut line) = (Frame::default(), Vec::new());
        loop {
            self.line(&mut line)?;
            if line.is_empty() {
                return Ok(frame);
            }
            let text = std::str::from_utf8(&line).map_err(io::Error::other)?;
            if let Some(id) = text.strip_prefix("id: ") {
                id.clone_into(&mut frame.id);
            } else if let Some(data) = text.strip_prefix("data: ") {
                data.clone_into(&mut frame.data);
            }
        }
    }

    /// The next event and its cursor.
    pub fn event(&mut self) -> io::Result<Frame> {
        loop {
            let frame = self.frame()?;
            if !frame.data.is_empty() {
                return Ok(frame);
            }
        }
    }
}
