//! Just enough of HTTP/1.1 to know where an answer ends.

use memchr::memmem;

/// How many bytes of a failed answer are kept to be shown.
const EXAMPLE_MAX: usize = 500;

/// An answer that arrives in pieces. It is reused for the next one.
#[derive(Debug, Default)]
pub(crate) struct Response {
    /// The headers, if they arrived in pieces.
    head: Vec<u8>,
    is_body: bool,
    left: usize,
    /// The status; 0 before the headers are complete.
    pub(crate) status: u16,
    /// The length of the body.
    pub(crate) length: usize,
    /// The beginning of the body of a failed answer.
    pub(crate) example: Vec<u8>,
}

impl Response {
    /// Takes bytes; true once the answer is complete. Nothing may follow it, as no request is sent
    /// before the last one is answered.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<bool, String> {
        if !self.is_body {
            let Some(rest) = self.take_head(bytes)? else { return Ok(false) };
            bytes = rest;
        }
        let body = bytes.len();
        if body > self.left {
            return Err(format!("{} bytes came after the end of an answer", body - self.left));
        }
        if !self.is_success() && self.example.len() < EXAMPLE_MAX {
            let room = (EXAMPLE_MAX - self.example.len()).min(body);
            self.example.extend_from_slice(&bytes[..room]);
        }
        self.left -= body;
        Ok(self.left == 0)
    }

    /// Whether the status means success.
    pub(crate) const fn is_success(&self) -> bool {
        self.status / 100 == 2
    }

    /// Makes room for the next answer.
    pub(crate) fn reset(&mut self) {
        self.head.clear();
        self.example.clear();
        (self.is_body, self.left, self.status, self.length) = (false, 0, 0, 0);
    }

    /// Reads the headers, and returns what follows them; `None` if they are not complete.
    fn take_head<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, String> {
        const END: &[u8] = b"\r\n\r\n";
        if self.head.is_empty()
            && let Some(end) = memmem::find(bytes, END)
        {
            self.read_head(&bytes[..end + 2])?;
            return Ok(Some(&bytes[end + END.len()..]));
        }
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = memmem::find(&self.head, END) else { return Ok(None) };
        let head = std::mem::take(&mut self.head);
        self.read_head(&head[..end + 2])?;
        self.head = head;
        Ok(Some(&bytes[end + END.len() - before..]))
    }

    /// Reads the status and the length of the body from lines that each end with `\r\n`.
    fn read_head(&mut self, head: &[u8]) -> Result<(), String> {
        let strange = || format!("strange answer: {}", String::from_utf8_lossy(head));
        let status = head.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
        self.status =
            status.and_then(number).and_then(|n| n.try_into().ok()).ok_or_else(strange)?;
        self.length = 0;
        let mut lines = head;
        while let Some(end) = memmem::find(lines, b"\r\n") {
            let line = &lines[..end];
            if let Some((name, value)) = line.split_at_checked(15) {
                if name.eq_ignore_ascii_case(b"content-length:") {
                    self.length = number(value.trim_ascii()).ok_or_else(strange)?;
                } else if name.eq_ignore_ascii_case(b"transfer-encodi") {
                    return Err(strange());
                }
            }
            lines = &lines[end + 2..];
        }
        (self.is_body, self.left) = (true, self.length);
        Ok(())
    }
}

/// A decimal number.
fn number(digits: &[u8]) -> Option<usize> {
    let digit = |number: usize, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, digit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] =
        b"HTTP/1.1 404 Not Found\r\nserver: x\r\nContent-Length:  11\r\n\r\nno\r\n\r\nsuch!";

    #[test]
    fn an_answer_is_the_same_however_it_is_cut() {
        for first in 0..=ANSWER.len() {
            for second in first..=ANSWER.len() {
                let mut response = Response::default();
                // The same twice: nothing of the first answer must be left in the second.
                for _ in 0..2 {
                    let pieces = [&ANSWER[..first], &ANSWER[first..second], &ANSWER[second..]];
                    let mut taken = 0;
                    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
                        taken += piece.len();
                        let is_whole = response.take(piece).unwrap();
                        assert_eq!(is_whole, taken == ANSWER.len(), "{first} {second}");
                    }
                    let Response { status, length, example, .. } = &response;
                    assert_eq!(
                        (*status, *length, &example[..]),
                        (404, 11, &b"no\r\n\r\nsuch!"[..])
                    );
                    response.reset();
                }
            }
        }
    }

    #[test]
    fn an_answer_without_a_body_ends_with_its_head() {
        let mut response = Response::default();
        assert_eq!(response.take(b"HTTP/1.1 204 No Content\r\n\r\n"), Ok(true));
        assert!(response.is_success() && response.length == 0);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "HTTP/1.0 200 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            assert!(Response::default().take(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
