//! Input from the socket. It is received as fast as it arrives, into an unnamed file, so that the
//! work on it does not depend on how long the client stays.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Creates both ends.
pub(super) fn spool(data_dir: &Path) -> io::Result<(Writer, Reader)> {
    let spool = Arc::new(Spool {
        file: tempfile::tempfile_in(data_dir)?,
        state: Mutex::new((0, State::Coming)),
        changed: Condvar::new(),
    });
    Ok((Writer { spool: Arc::clone(&spool) }, Reader { spool, at: 0 }))
}

struct Spool {
    file: File,
    /// How many bytes have arrived, and whether that is all.
    state: Mutex<(u64, State)>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Coming,
    Complete,
    CutOff,
}

/// The end at which bytes arrive. If it is dropped before [`Writer::complete`], the input counts as
/// cut off.
pub(super) struct Writer {
    spool: Arc<Spool>,
}

impl Writer {
    /// Adds bytes.
    pub(super) fn push(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.spool.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.spool.file.write_all_at(bytes, state.0)?;
        state.0 += bytes.len() as u64;
        self.spool.changed.notify_all();
        Ok(())
    }

    /// Marks the input as complete.
    pub(super) fn complete(self) {
        self.end(State::Complete);
    }

    fn end(&self, how: State) {
        let mut state = self.spool.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1 == State::Coming {
            state.1 = how;
        }
        self.spool.changed.notify_all();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end(State::CutOff);
    }
}

/// The end at which bytes are read.
pub(super) struct Reader {
    spool: Arc<Spool>,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.spool.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.0 == self.at && state.1 == State::Coming {
            state = self.spool.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.0 == self.at && state.1 == State::CutOff {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "whoever sent it went away before its end",
            ));
        }
        drop(state);
        let read = self.spool.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_read_and_an_end_that_is_missing_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let (writer, mut reader) = spool(dir.path()).unwrap();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text)
        });
        writer.push(b"one ").unwrap();
        writer.push(b"two").unwrap();
        writer.complete();
        assert_eq!(reading.join().unwrap().unwrap(), "one two");
        let (writer, mut reader) = spool(dir.path()).unwrap();
        writer.push(b"one").unwrap();
        drop(writer);
        let mut read = Vec::new();
        assert!(reader.read_to_end(&mut read).is_err());
        assert_eq!((read.as_slice(), dir.path().read_dir().unwrap().count()), (&b"one"[..], 0));
    }
}
