//! Channels: where a ticket came from.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::AtomSummary;

/// A channel, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "channel-summary")]
pub struct ChannelSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}
