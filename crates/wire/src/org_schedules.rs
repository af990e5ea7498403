//! stub
use schemars::JsonSchema;
use serde::Serialize;
/// s
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule-summary")]
pub struct OrgScheduleSummary {}
