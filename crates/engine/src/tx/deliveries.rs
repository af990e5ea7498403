//! What the webhooks of the org were told. These rows belong to no object: they are read from the
//! snapshot, and written at once.

use std::sync::Arc;

use worksmith_kernel::Result;
use worksmith_store::{Delivery, DeliveryQuery, Redelivery};
use worksmith_wire::{Id, Timestamp};

use super::Tx;

impl Tx {
    /// Deliveries of a webhook, newest first, from before a place on.
    pub async fn deliveries(
        &mut self,
        webhook: &Id,
        query: &DeliveryQuery,
        before: Option<(u64, &Id)>,
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let org = self.cx.org.org.clone();
        self.snapshot()?.deliveries((&org, webhook), query, before, limit).await
    }

    /// The delivery of an event to a webhook.
    pub async fn delivery(&mut self, webhook: &Id, id: &Id) -> Result<Option<Delivery>> {
        let org = self.cx.org.org.clone();
        self.snapshot()?.delivery(&org, webhook, id).await
    }

    /// Deliveries of all webhooks that were touched after a place, in the order of that.
    pub async fn deliveries_touched(
        &mut self,
        after: (Timestamp, &str),
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let org = self.cx.org.org.clone();
        self.snapshot()?.deliveries_touched(&org, after, limit).await
    }

    /// Has finished deliveries of a webhook made once more. Returns how many they are.
    pub async fn redeliver(&mut self, webhook: &Id, which: &Redelivery) -> Result<u64> {
        let (inner, now) = (Arc::clone(&self.inner), self.cx.now);
        inner.store.redeliver((self.org(), webhook), which, now).await
    }

    /// Adds a delivery.
    pub async fn add_delivery(&mut self, delivery: Delivery) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        inner.store.add_deliveries(self.org(), &[delivery]).await
    }
}
