//! `links.delete`.

use worksmith_engine::Tx;
use worksmith_kernel::Result;
use worksmith_wire::common::Empty;
use worksmith_wire::links::DeleteRequest;

use super::Link;
use super::views::{self, View};

pub(super) async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    if let Some(view) = View::of(&request.id) {
        views::remove(tx, &view).await?;
    } else {
        let link = tx.target::<Link>(&request.id).await?;
        tx.delete(link).await?;
    }
    Ok(Empty {})
}
