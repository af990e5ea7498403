//! The sign of life.

use schemars::JsonSchema;
use serde::Serialize;

use crate::DateTime;

crate::request! {
    /// Asks for a sign of life.
    read struct PingRequest = "ping-request" {
        /// The region to ask; this server is the only one there is.
        devrev_partition: Option<String>,
    }
}

/// A sign of life.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ping-response")]
pub struct PingResponse {
    /// The time of the server.
    pub timestamp: DateTime,
}
