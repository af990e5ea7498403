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
            Some(cursor) => self.position(cursor).await?,
            None => 0,
        };
        self.snapshot()?.events_after(&org, after, limit).await
    }

    /// The position after the last change of the org; `None` if there was none yet.
    pub async fn log_end(&mut self) -> Result<Option<String>> {
        let org = self.cx.org.org.clone();
        let last = self.snapshot()?.last_mark(&org).await?;
        Ok(last.map(|last| self.log_position(&last)))
    }

    /// The position after a change.
    pub fn log_position(&self, event: &Event) -> String {
        position::cursor(self.org(), Some(event))
    }
}
