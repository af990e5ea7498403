//! The ping.

use schemars::JsonSchema;
use serde::Serialize;

use crate::DateTime;

crate::request! {
    /// Asks whether the server responds.
    read struct PingRequest = "ping-request" {
        /// The region to ask; this server is the only one there is.
        devrev_partition: Option<String>,
    }
}

/// The answer to a ping.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ping-response")]
pub struct PingResponse {
    /// The time of the server.
    pub timestamp: DateTime,
}
