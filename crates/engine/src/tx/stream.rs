//! Answers that may be long: only the part that is being sent is in memory.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::stream;
use worksmith_kernel::{Error, OpCtx, Query, Resource, Result};
use worksmith_wire::Id;

use super::answer::REVISIONS;
use super::{Inner, Tx};
use crate::reply::Parts;

/// How many objects make up a part.
const OBJECTS: usize = 100;

/// What remains to be sent.
struct Sending<R> {
    inner: Arc<Inner>,
    cx: OpCtx,
    ids: std::vec::IntoIter<Id>,
    /// Whether an object has been sent already.
    begun: bool,
    /// The revisions of those that have been sent.
    revisions: Vec<u64>,
    family: PhantomData<fn() -> R>,
}

impl Tx {
    /// An answer with the first objects of a query: `{"works": [..]}`. They are those that match
    /// now. Each is shown as it is when its turn comes, and left out if it is gone by then or the
    /// caller may no longer see it.
    pub async fn stream<R: Resource>(&mut self, query: &Query<R>, limit: usize) -> Result<Parts> {
        let (found, _) = self.places::<R>(query, None, false, limit).await?;
        let ids: Vec<Id> = found.into_iter().map(|place| place.id).collect();
        let (inner, cx) = (Arc::clone(&self.inner), self.cx.clone());
        let ids = ids.into_iter();
        let mut sending = Sending::<R> {
            inner,
            cx,
            ids,
            begun: false,
            revisions: Vec::new(),
            family: PhantomData,
        };
        let mut first = format!("{{\"{}\":[", R::MANY).into_bytes();
        sending.part(&mut first).await?;
        if sending.ids.len() == 0 {
            return Ok(Parts { first, rest: None });
        }
        let rest = stream::try_unfold(sending, |mut sending| async move {
            if sending.ids.len() == 0 {
                return Ok(None);
            }
            let mut part = Vec::new();
            sending.part(&mut part).await?;
            Ok(Some((part.into(), sending)))
        });
        Ok(Parts { first, rest: Some(Box::pin(rest)) })
    }
}

impl<R: Resource> Sending<R> {
    /// Renders the next objects, or the end of the answer.
    async fn part(&mut self, to: &mut Vec<u8>) -> Result<()> {
        let mut tx = Tx::new(Arc::clone(&self.inner), self.cx.clone());
        let mut objects = Vec::with_capacity(OBJECTS);
        for id in self.ids.by_ref().take(OBJECTS) {
            objects.extend(tx.find_visible::<R>(&id).await?);
        }
        self.revisions.extend(objects.iter().map(|stored| stored.meta.revision));
        for object in tx.shown_all(&objects).await? {
            if std::mem::replace(&mut self.begun, true) {
                to.push(b',');
            }
            to.extend_from_slice(object.rendered().get().as_bytes());
        }
        if self.ids.len() > 0 {
            return Ok(());
        }
        to.push(b']');
        if self.cx.tells_revisions {
            let revisions = serde_json::to_string(&self.revisions).map_err(Error::internal)?;
            to.extend_from_slice(format!(",\"{REVISIONS}\":{revisions}").as_bytes());
        }
        to.push(b'}');
        Ok(())
    }
}
