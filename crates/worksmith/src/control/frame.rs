//! The protocol of the socket: frames that consist of a kind, a length in four bytes, and that many
//! bytes.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::Job;
use crate::output::Progress;

/// The version of the protocol. It changes with the frames and with the jobs.
pub(super) const PROTOCOL: u32 = 2;
/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The longest frame, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// The first frame of each side, which all versions understand.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The version of the program.
    pub(super) version: String,
    /// The version of the protocol.
    pub(super) protocol: u32,
}

/// A request for a job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The data, as the user who asks calls it.
    pub(super) place: String,
    /// The job to be done.
    pub(super) job: Job,
}

#[derive(Debug)]
pub(super) enum Frame {
    /// From both sides, as the first frame.
    Hello(Hello),
    /// To the server: the job.
    Asked(Box<Asked>),
    /// To the server: a part of the input.
    Input(Vec<u8>),
    /// To the server: the input is complete.
    InputEnd,
    /// From the server: standard output.
    Out(Vec<u8>),
    /// From the server: a line of standard error.
    Note(String),
    /// From the server: how far the job is.
    Progress(Progress),
    /// From the server, as the last frame: nothing, or the sentence of a failure.
    End(Option<String>),
}

impl Hello {
    /// The greeting of this program.
    pub(super) fn own() -> Self {
        Self { version: VERSION.to_owned(), protocol: PROTOCOL }
    }

    /// Why the other side is incompatible, if it is.
    pub(super) fn mismatch(&self, server: &str, command: &str) -> Option<String> {
        (*self != Self::own()).then(|| {
            format!(
                "the server is worksmith {server} and this command is worksmith {command}: run the \
                 command of the server's version, or restart the server with this one"
            )
        })
    }
}

impl Frame {
    /// Sends a frame. Long bytes are split into several.
    pub(super) fn send(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Hello(hello) => send(to, b'H', &json(hello)?),
            Self::Asked(asked) => send(to, b'A', &json(asked)?),
            Self::Input(bytes) => send_all(to, b'I', bytes),
            Self::InputEnd => send(to, b'Z', &[]),
            Self::Out(bytes) => send_all(to, b'O', bytes),
            Self::Note(line) => send(to, b'N', &json(line)?),
            Self::Progress(progress) => send(to, b'P', &json(progress)?),
            Self::End(sentence) => send(to, b'E', &json(sentence)?),
        }
    }

    /// The next frame; `None` at the end of the connection.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut kind = [0];
        if from.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > BYTES_MAX {
            return Err(io::Error::other("a frame is too long"));
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        Ok(Some(match kind {
            [b'H'] => Self::Hello(serde_json::from_slice(&bytes)?),
            [b'A'] => Self::Asked(serde_json::from_slice(&bytes)?),
            [b'I'] => Self::Input(bytes),
            [b'Z'] => Self::InputEnd,
            [b'O'] => Self::Out(bytes),
            [b'N'] => Self::Note(serde_json::from_slice(&bytes)?),
            [b'P'] => Self::Progress(serde_json::from_slice(&bytes)?),
            [b'E'] => Self::End(serde_json::from_slice(&bytes)?),
            _ => return Err(io::Error::other("a frame is of no known kind")),
        }))
    }
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

fn send_all(to: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    bytes.chunks(BYTES_MAX).try_for_each(|piece| send(to, kind, piece))
}

/// Sends a frame in one go, as far as that is possible.
fn send(to: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    if bytes.len() > BYTES_MAX {
        return Err(io::Error::other("a frame is too long"));
    }
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(5 + bytes.len());
    frame.push(kind);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(bytes);
    to.write_all(&frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_and_long_bytes_in_several() {
        let mut sent = Vec::new();
        let long = vec![7; BYTES_MAX + 1];
        for frame in [
            Frame::Hello(Hello::own()),
            Frame::Out(long.clone()),
            Frame::InputEnd,
            Frame::End(Some("ü".to_owned())),
        ] {
            frame.send(&mut sent).unwrap();
        }
        let mut sent = sent.as_slice();
        let mut next = || Frame::read(&mut sent).unwrap();
        assert!(matches!(next(), Some(Frame::Hello(hello)) if hello == Hello::own()));
        assert!(matches!(next(), Some(Frame::Out(bytes)) if bytes == long[1..]));
        assert!(matches!(next(), Some(Frame::Out(bytes)) if bytes == [7]));
        assert!(matches!(next(), Some(Frame::InputEnd)));
        assert!(matches!(next(), Some(Frame::End(Some(text))) if text == "ü"));
        assert!(next().is_none());
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for wrong in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"?\0\0\0\0", b"O\0\0\0\x05abc", b"O\0"] {
            assert!(Frame::read(&mut &*wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn another_version_is_said_in_a_sentence() {
        assert_eq!(Hello::own().mismatch("1", "1"), None);
        let other = Hello { version: "9.9.9".to_owned(), protocol: PROTOCOL };
        let said = other.mismatch(&other.version, VERSION).unwrap();
        assert!(said.starts_with("the server is worksmith 9.9.9 and this command is"), "{said}");
    }
}
