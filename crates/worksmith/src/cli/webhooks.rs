//! The options of `worksmith webhooks`, and those of a server about its webhooks.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use worksmith_hooks::IpNet;
use worksmith_wire::Timestamp;

use super::DatabaseOptions;

pub(super) const WEBHOOKS_EXAMPLES: &str = "\
Examples:
  worksmith webhooks list
  worksmith webhooks deliveries kQ8 --status failed
  worksmith webhooks show kQ8/52914
  worksmith webhooks redeliver kQ8/52914
  worksmith webhooks redeliver kQ8 --from 2026-03-01T08:00:00Z --to 2026-03-01T09:00:00Z
  worksmith webhooks tail                              every attempt, as it is made";

/// How a server tells its webhooks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Webhooks")]
pub(crate) struct HookOptions {
    /// How long the receiver of a webhook may take to answer, in seconds. The hosted service waits
    /// for 3.
    #[arg(long, env = "WORKSMITH_WEBHOOK_TIMEOUT_S", value_name = "SECONDS")]
    #[arg(default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=30))]
    pub(crate) webhook_timeout_s: u64,
    /// A network in which receivers may be, besides the public Internet: 10.1.0.0/16, or an
    /// address. May be given several times (in the variable: separated by commas). Whoever may
    /// create webhooks can send requests to it through this server.
    #[arg(long, env = "WORKSMITH_WEBHOOK_ALLOW", value_name = "NETWORK", value_delimiter = ',')]
    #[arg(value_parser = network)]
    pub(crate) webhook_allow: Vec<IpNet>,
    /// How many times as fast as usual attempts follow each other, for whoever tries out what a
    /// receiver does: with 60, the four days of the schedule take an hour and a half.
    #[arg(long, env = "WORKSMITH_WEBHOOK_PACE", value_name = "TIMES")]
    #[arg(default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) webhook_pace: u16,
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let net =
        text.parse().or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()));
    net.map_err(|_| "write a network as in 10.1.0.0/16 or fd12::/16, or an address".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct WebhooksOptions {
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    #[arg(global = true)]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(subcommand)]
    pub(crate) command: WebhooksCommand,
}

#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum WebhooksCommand {
    /// List all webhooks, without their secrets.
    List,
    /// List what a webhook was told, newest first. It is kept for 30 days.
    Deliveries {
        /// The webhook, as `webhooks list` shows it.
        #[arg(value_name = "WEBHOOK")]
        webhook: String,
        /// Only those that are pending, delivered or failed.
        #[arg(long, env = "WORKSMITH_WEBHOOKS_STATUS", value_name = "STATUS")]
        #[arg(value_parser = ["pending", "delivered", "failed"])]
        status: Option<String>,
        /// How many.
        #[arg(long, env = "WORKSMITH_WEBHOOKS_LIMIT", value_name = "COUNT", default_value_t = 50)]
        limit: usize,
    },
    /// Show one delivery as JSON: what was told, and every attempt.
    Show {
        /// The event, as `webhooks deliveries` shows it.
        #[arg(value_name = "EVENT")]
        event: String,
    },
    /// Tell a webhook once more: of one event, or of all within a span of time. What is still
    /// pending is left as it is.
    Redeliver {
        /// The event or, with --from, the webhook.
        #[arg(value_name = "EVENT")]
        what: String,
        /// From which instant on, in RFC 3339.
        #[arg(long, env = "WORKSMITH_WEBHOOKS_FROM", value_name = "TIME", value_parser = time)]
        from: Option<Timestamp>,
        /// Up to which instant [default: now].
        #[arg(long, env = "WORKSMITH_WEBHOOKS_TO", value_name = "TIME", value_parser = time)]
        #[arg(requires = "from")]
        to: Option<Timestamp>,
        /// Only those that are delivered or failed.
        #[arg(long, env = "WORKSMITH_WEBHOOKS_STATUS", value_name = "STATUS", requires = "from")]
        #[arg(value_parser = ["delivered", "failed"])]
        status: Option<String>,
    },
    /// Show deliveries as they are made, until it is stopped.
    Tail {
        /// The webhook [default: all].
        #[arg(value_name = "WEBHOOK")]
        webhook: Option<String>,
    },
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write a time as in 2026-03-01T08:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_network_is_one_or_an_address() {
        assert_eq!(network("10.1.0.0/16").unwrap().to_string(), "10.1.0.0/16");
        assert_eq!(network(" 127.0.0.1").unwrap().to_string(), "127.0.0.1/32");
        assert_eq!(network("::1").unwrap().to_string(), "::1/128");
        for bad in ["", "10.1.0.0/40", "localhost", "10.1"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
