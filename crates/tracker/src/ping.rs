//! The ping.

use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::Result;
use worksmith_wire::ping::{PingRequest, PingResponse};

/// Registers the operation.
pub fn ops(table: &mut OpTable) {
    table.add(Op::read("ping", "").audience(Audience::Everyone), ping);
}

async fn ping(tx: &mut Tx, request: PingRequest) -> Result<PingResponse> {
    let PingRequest { devrev_partition: _ } = request;
    Ok(PingResponse { timestamp: tx.cx().now.into() })
}
