//! The jobs of the commands that a running server does, too.

use crate::control::{Data, Done, Job, Session};
use crate::{backup, check, export, import, token, webhooks};

/// Runs a job on open data.
pub(crate) fn run(job: Job, data: &Data, session: Session) -> Done<'_> {
    Box::pin(async move {
        match job {
            Job::Token(command) => token::job(command, data, &session).await,
            Job::Webhooks(command) => webhooks::job(command, data, &session).await,
            Job::Import(import) => import::job(import, data, session).await,
            Job::Check => check::job(data, &session).await,
            Job::Export => export::job(data, &session).await,
            Job::Backup => backup::job(data, &session).await,
        }
    })
}
