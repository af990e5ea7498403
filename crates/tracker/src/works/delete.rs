//! `works.delete`.

use worksmith_kernel::Result;
use worksmith_store::Tx;
use worksmith_wire::common::Empty;
use worksmith_wire::works::DeleteRequest;

use super::doc::Work;
use crate::{artifacts, sla_trackers};

pub(super) async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Work>(&request.id).await?;
    artifacts::changed(tx, stored.id(), &stored.doc.artifacts, &[]).await?;
    sla_trackers::deleted(tx, &stored.doc).await?;
    tx.delete(stored).await?;
    Ok(Empty {})
}
