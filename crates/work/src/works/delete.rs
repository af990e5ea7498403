//! `works.delete`.

use worksmith_engine::Tx;
use worksmith_kernel::Result;
use worksmith_wire::common::Empty;
use worksmith_wire::works::DeleteRequest;

use super::doc::Work;

pub(super) async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Work>(&request.id).await?;
    tx.delete(stored).await?;
    Ok(Empty {})
}
