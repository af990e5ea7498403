//! The side of the command line.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::frame::{Asked, Frame, Hello, VERSION};
use super::{Job, socket};
use crate::failure::Failure;
use crate::output::Output;

/// How much input is sent at a time.
const PIECE_BYTES: usize = 256 << 10;
/// How long a server may take to greet; unless it hangs, it does so at once.
const HELLO_WITHIN: Duration = Duration::from_secs(30);

/// A running server.
pub(super) struct Server {
    stream: UnixStream,
}

fn lost(cause: &dyn std::fmt::Display) -> Failure {
    format!("the running server can't be asked: {cause}").into()
}

impl Server {
    /// Connects to the server on a data dir; `None` if none is listening.
    pub(super) fn connect(data_dir: &Path) -> Result<Option<Self>, Failure> {
        let stream = socket::connect(data_dir).map_err(|cause| match cause.kind() {
            io::ErrorKind::PermissionDenied => Failure::from(format!(
                "the running server takes commands only of the owner of the data dir {}",
                data_dir.display()
            )),
            _ => lost(&cause),
        })?;
        Ok(stream.map(|stream| Self { stream }))
    }

    /// Has the server do a job, and passes on its output.
    pub(super) fn run(
        mut self,
        job: Job,
        place: &str,
        output: &Output,
        input: Option<Box<dyn Read + Send>>,
    ) -> Result<(), Failure> {
        let must_arrive = job.must_arrive();
        self.begin(job, place)?;
        let sender = self.stream.try_clone().map_err(|cause| lost(&cause))?;
        let sending = input.map(|input| std::thread::spawn(move || send(input, sender)));
        let done = self.listen(output, must_arrive);
        // A server that has finished the job reads no more input.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
        match sending
            .filter(std::thread::JoinHandle::is_finished)
            .map(std::thread::JoinHandle::join)
        {
            Some(Ok(Err(unread))) => Err(unread),
            _ => done,
        }
    }

    fn begin(&mut self, job: Job, place: &str) -> Result<(), Failure> {
        let ask = |stream: &mut UnixStream| -> io::Result<Result<(), String>> {
            stream.set_read_timeout(Some(HELLO_WITHIN))?;
            match Frame::read(stream)? {
                Some(Frame::Hello(hello)) => {
                    if let Some(mismatch) = hello.mismatch(&hello.version, VERSION) {
                        return Ok(Err(mismatch));
                    }
                }
                Some(Frame::End(Some(sentence))) => return Ok(Err(sentence)),
                _ => return Err(io::Error::other("it does not answer as a worksmith does")),
            }
            stream.set_read_timeout(None)?;
            Frame::Hello(Hello::own()).send(stream)?;
            let asked = Asked { place: place.to_owned(), job };
            Frame::Asked(Box::new(asked)).send(stream)?;
            Ok(Ok(()))
        };
        Ok(ask(&mut self.stream).map_err(|cause| lost(&cause))??)
    }

    fn listen(&mut self, output: &Output, must_arrive: bool) -> Result<(), Failure> {
        let mut stream = io::BufReader::with_capacity(PIECE_BYTES, &self.stream);
        loop {
            let frame = Frame::read(&mut stream).map_err(|cause| lost(&cause))?;
            match frame {
                Some(Frame::Out(bytes)) if must_arrive => {
                    output.bytes(&bytes).map_err(|cause| Failure::from(cause.to_string()))?;
                }
                Some(Frame::Out(bytes)) => output.text(&bytes),
                Some(Frame::Note(line)) => output.note(line),
                Some(Frame::Progress(at)) => output.show(&at),
                Some(Frame::End(None)) => return Ok(()),
                Some(Frame::End(Some(sentence))) => return Err(sentence.into()),
                None => {
                    return Err("the server ended before the command was done; start it and run \
                                the command again"
                        .into());
                }
                Some(_) => return Err(lost(&"it does not answer as a worksmith does")),
            }
        }
    }
}

/// Sends the input. If the server reads no more of it, it says why.
fn send(mut input: Box<dyn Read + Send>, mut to: UnixStream) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = input.read(&mut piece).map_err(|cause| {
            let _ = to.shutdown(std::net::Shutdown::Both);
            Failure::from(format!("the input can't be read: {cause}"))
        })?;
        let frame = match read {
            0 => Frame::InputEnd,
            read => Frame::Input(piece[..read].to_vec()),
        };
        if frame.send(&mut to).is_err() || read == 0 {
            return Ok(());
        }
    }
}
