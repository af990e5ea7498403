//! The log on standard error, structured throughout; and the metrics.

mod lines;

use std::fmt::Display;
use std::io::IsTerminal;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use self::lines::{Guard, Lines};
use crate::cli::{LogFormat, LogOptions};
use crate::failure::Failure;

/// The bounds of the histograms of durations, in seconds.
const SECONDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// How often measurements are folded into the histograms, whether or not they are requested.
const UPKEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

/// Begins to log, until the returned guard is dropped.
pub(crate) fn start(options: &LogOptions) -> Result<Guard, Failure> {
    let filter = EnvFilter::try_new(&options.log_level).map_err(|cause| {
        format!("--log-level {:?} can't be understood: {cause}", options.log_level)
    })?;
    // PostgreSQL's notices about statements are of no interest.
    let quiet = "tokio_postgres=warn".parse().map_err(|cause| format!("the log: {cause}"))?;
    let filter = filter.add_directive(quiet);
    let failed = |cause: &dyn Display| format!("the log can't be started: {cause}");
    let (lines, guard) = Lines::start(std::io::stderr()).map_err(|cause| failed(&cause))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match options.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|cause| failed(&cause))?;
    Ok(guard)
}

/// Begins to measure.
pub(crate) fn metrics() -> Result<PrometheusHandle, Failure> {
    let failed = |cause| format!("the metrics can't be started: {cause}");
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS);
    let handle = builder.map_err(failed)?.install_recorder().map_err(failed)?;
    metrics::describe_counter!("worksmith_requests_total", "Calls answered.");
    metrics::describe_counter!(
        "worksmith_cache_asked_total",
        "How often something was asked of what is kept in memory."
    );
    metrics::describe_counter!("worksmith_cache_held_total", "How often it was there and held.");
    metrics::describe_gauge!(
        "worksmith_search_behind_events",
        "How many events the search index has yet to follow."
    );
    metrics::describe_histogram!(
        "worksmith_request_seconds",
        metrics::Unit::Seconds,
        "How long calls took."
    );
    metrics::gauge!("worksmith_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(UPKEEP_EVERY);
        loop {
            tick.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
