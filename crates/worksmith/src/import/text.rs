//! Detects what a file is by its first bytes: text in an encoding that programs write by default,
//! perhaps compressed; or something else, which is named.

use std::io::{self, BufReader, Chain, Cursor, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

/// How many bytes are used for detection.
const BEGINNING_BYTES: usize = 512;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";

/// A file that is not text, or not the expected text.
#[derive(Debug)]
pub(super) enum Unwanted {
    /// It can't be read.
    Unreadable(io::Error),
    /// It is something else; worded to follow its name.
    Other(&'static str),
}

impl From<io::Error> for Unwanted {
    fn from(cause: io::Error) -> Self {
        Self::Unreadable(cause)
    }
}

type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// Reads the beginning of a file, and returns it together with the whole.
fn beginning<R: Read>(mut from: R) -> io::Result<(Vec<u8>, Whole<R>)> {
    let mut first = Vec::new();
    from.by_ref().take(BEGINNING_BYTES as u64).read_to_end(&mut first)?;
    Ok((first.clone(), Cursor::new(first).chain(from)))
}

/// The text of a file in UTF-8: from UTF-8 or UTF-16 with or without a mark, and from gzip.
pub(super) fn text(from: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, Unwanted> {
    let (first, whole) = beginning(from)?;
    if first.starts_with(ZIP) {
        return Err(Unwanted::Other("is a ZIP archive; unpack it, and import the file in it"));
    }
    if first.starts_with(GZIP) {
        let (first, whole) = beginning(MultiGzDecoder::new(BufReader::new(whole)))?;
        return plain(&first, Box::new(whole));
    }
    plain(&first, Box::new(whole))
}

fn plain(first: &[u8], whole: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, Unwanted> {
    let mut decoder = DecodeReaderBytesBuilder::new();
    decoder.encoding(unmarked(first)).utf8_passthru(true).strip_bom(true).bom_override(true);
    let (first, whole) = beginning(decoder.build(whole))?;
    let begins = String::from_utf8_lossy(&first);
    let begins = begins.trim_start();
    if begins.is_empty() && first.len() < BEGINNING_BYTES {
        return Err(Unwanted::Other("is empty; it must hold an array of issues"));
    }
    if begins.starts_with('<') {
        return Err(Unwanted::Other(
            "is a web page or XML, and no answer of GitHub's API; fetch the issues with `gh api` \
             or from https://api.github.com, as `worksmith import github --help` shows",
        ));
    }
    Ok(Box::new(whole))
}

/// The encoding of JSON in UTF-16 without a mark: its first character is one of ASCII.
fn unmarked(first: &[u8]) -> Option<&'static Encoding> {
    match first {
        [0, 1..=0x7f, ..] => Some(UTF_16BE),
        [1..=0x7f, 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let mut read = String::new();
        match text(Box::new(Cursor::new(bytes.to_vec()))) {
            Ok(mut text) => text.read_to_string(&mut read).unwrap(),
            Err(Unwanted::Other(what)) => return Err(what.to_owned()),
            Err(Unwanted::Unreadable(cause)) => return Err(cause.to_string()),
        };
        Ok(read)
    }

    #[test]
    fn text_is_read_in_the_encodings_that_programs_write() {
        let text = format!("[\"größer\"]{}", " ".repeat(2000));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(&[&b"\xff\xfe"[..], &little].concat()).unwrap();
        for bytes in [
            text.as_bytes().to_vec(),
            [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
            little,
            big,
            zipped.finish().unwrap(),
        ] {
            assert_eq!(read(&bytes).as_deref(), Ok(text.as_str()), "{:?}", &bytes[..8]);
        }
    }

    #[test]
    fn what_is_no_json_is_called_what_it_is() {
        for (bytes, is) in [
            (&b""[..], "is empty"),
            (b"\xef\xbb\xbf", "is empty"),
            (b"\xff\xfe\n\0", "is empty"),
            (b"\n <!DOCTYPE html>", "is a web page or XML"),
            (b"PK\x03\x04..", "is a ZIP archive"),
            (b"\x1f\x8b\x08\0\0", "unexpected end of file"),
        ] {
            let said = read(bytes).unwrap_err();
            assert!(said.contains(is), "{bytes:?}: {said}");
        }
    }
}
