//! A writer whose clients share commits.

use std::sync::mpsc::{Receiver, Sender, channel};

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use tokio::sync::oneshot;

/// The most clients that share a commit.
const TOGETHER_MAX: usize = 512;

type Waiting<J> = (J, oneshot::Sender<Result<(), String>>);

/// The jobs that wait for the writer.
pub(super) struct Jobs<J>(Receiver<Waiting<J>>);

/// Hands jobs to the writer.
pub(super) struct Writer<J>(Sender<Waiting<J>>);

impl<J> Writer<J> {
    /// A writer, and the jobs that it gets.
    pub(super) fn new() -> (Self, Jobs<J>) {
        let (sender, receiver) = channel();
        (Self(sender), Jobs(receiver))
    }

    /// Waits until a job is on the disk, and answers with `body`.
    pub(super) async fn done(&self, job: J, body: Bytes) -> Response {
        let (sender, answer) = oneshot::channel();
        let sent = self.0.send((job, sender));
        match (sent, answer.await) {
            (Ok(()), Ok(Ok(()))) => super::json(body),
            (_, Ok(Err(cause))) => (StatusCode::INTERNAL_SERVER_ERROR, cause).into_response(),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "the writer has stopped").into_response(),
        }
    }
}

impl<J> Jobs<J> {
    /// Writes until nobody can send jobs any more: all that wait share a commit. `after` is called
    /// after each commit.
    pub(super) fn write(
        &self,
        connection: &Connection,
        mut apply: impl FnMut(&J) -> rusqlite::Result<()>,
        mut after: impl FnMut(),
    ) {
        let mut applied = Vec::with_capacity(TOGETHER_MAX);
        while let Ok(first) = self.0.recv() {
            let mut result = connection.execute_batch("BEGIN IMMEDIATE");
            let more = self.0.try_iter().take(TOGETHER_MAX - 1);
            for (job, answer) in std::iter::once(first).chain(more) {
                result = result.and_then(|()| apply(&job));
                applied.push(answer);
            }
            result = result.and_then(|()| connection.execute_batch("COMMIT"));
            let result = result.map_err(|cause| cause.to_string());
            if result.is_err() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            for answer in applied.drain(..) {
                let _ = answer.send(result.clone());
            }
            after();
        }
    }
}
