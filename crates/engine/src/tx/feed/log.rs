//! The log itself, for the server's own work that follows from changes in the order of the commits.
//! Such work keeps its position in a document that it changes together with what it does, so that
//! each change has its consequences once, whatever happens in between.

use worksmith_kernel::Result;
use worksmith_store::Event;

use super::super::Tx;
use super::position;

impl Tx {
    /// The changes of the org after a position, or from the first one on, whoever may know of them,
    /// at most `limit`.
    pub async fn log_after(&mut self, position: Option<&str>, limit: usize) -> Result<Vec<Event>> {
        let org = self.cx.org.org.clone();
        let after = match position {
            Some(position) => self.log_number(position).await?,
            None => 0,
        };
        self.snapshot()?.events_after(&org, after, limit).await
    }

    /// The number of the change that a position lies after.
    pub async fn log_number(&mut self, position: &str) -> Result<u64> {
        self.position(position).await
    }

    /// The number of the last change of the org, and the position after it.
    pub async fn log_end(&mut self) -> Result<(u64, String)> {
        let org = self.cx.org.org.clone();
        let last = self.snapshot()?.last_mark(&org).await?;
        let position = position::cursor(&org, last.as_ref());
        Ok((last.map_or(0, |last| last.seq), position))
    }

    /// The position after a change.
    pub fn log_position(&self, event: &Event) -> String {
        position::cursor(self.org(), Some(event))
    }
}
