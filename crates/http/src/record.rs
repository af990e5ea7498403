//! What is recorded of each call: the name of its lines in the log, and its measurements.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram};
use rustc_hash::FxHashMap;
use worksmith_engine::OpTable;

/// The target of the lines in the log that tell of a call.
pub const ACCESS: &str = "access";
/// Calls whose path names no operation share one label, so that nobody can create labels at will.
const UNKNOWN: &str = "unknown";
/// How many statuses of an operation have a counter that is kept. More are possible, but looked up
/// for each call.
const STATUSES: usize = 8;

/// The counter of an operation's answers with a status.
pub(crate) fn answers(operation: &'static str, status: u16) -> Counter {
    let status = status.to_string();
    metrics::counter!("worksmith_requests_total", "operation" => operation, "status" => status)
}

/// The counters and the histogram of one operation. Each is looked up in the recorder when it is
/// first needed, since one that was never needed does not appear among the metrics.
#[derive(Default)]
struct Measured {
    /// The status and its counter, in the order in which they were first needed.
    answers: [OnceLock<(u16, Counter)>; STATUSES],
    seconds: OnceLock<Histogram>,
}

impl Measured {
    fn record(&self, operation: &'static str, status: u16, elapsed: Duration) {
        let seconds = self.seconds.get_or_init(
            || metrics::histogram!("worksmith_request_seconds", "operation" => operation),
        );
        seconds.record(elapsed);
        for place in &self.answers {
            let (known, counter) = place.get_or_init(|| (status, answers(operation, status)));
            if *known == status {
                return counter.increment(1);
            }
        }
        answers(operation, status).increment(1);
    }
}

/// The measurements of all operations.
pub(crate) struct Measures {
    by_operation: FxHashMap<&'static str, Measured>,
    unknown: Measured,
}

impl Measures {
    pub(crate) fn new(table: &OpTable) -> Self {
        let by_operation = table.iter().map(|op| (op.name, Measured::default())).collect();
        Self { by_operation, unknown: Measured::default() }
    }

    /// Counts an answer of an operation, and how long it took; `None` if there is no such one.
    pub(crate) fn record(&self, operation: Option<&'static str>, status: u16, elapsed: Duration) {
        let known = operation.and_then(|name| Some((name, self.by_operation.get(name)?)));
        let (operation, measured) = known.unwrap_or((UNKNOWN, &self.unknown));
        measured.record(operation, status, elapsed);
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    /// What the recorder says after these calls were recorded one way or the other.
    fn exposition(record: impl Fn(Option<&'static str>, u16, Duration)) -> String {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let statuses = (0..12).map(|more| 200 + more);
            for status in statuses.clone().chain(statuses).chain([200, 404]) {
                record(Some("tags.get"), status, Duration::from_millis(status.into()));
            }
            record(None, 404, Duration::from_millis(2));
            record(Some("tags.list"), 200, Duration::from_millis(3));
        });
        let mut lines: Vec<_> = recorder.handle().render().lines().map(str::to_owned).collect();
        lines.sort();
        lines.join("\n")
    }

    #[test]
    fn what_is_kept_counts_like_what_is_looked_up_for_each_call() {
        let names = ["tags.get", "tags.list", "tags.create"];
        let by_operation = names.into_iter().map(|name| (name, Measured::default())).collect();
        let measures = Measures { by_operation, unknown: Measured::default() };
        let kept = exposition(|operation, status, elapsed| {
            measures.record(operation, status, elapsed);
        });
        let looked_up = exposition(|operation, status, elapsed| {
            let operation = operation.unwrap_or("unknown");
            let labels = [("operation", operation.to_owned()), ("status", status.to_string())];
            metrics::counter!("worksmith_requests_total", &labels).increment(1);
            let seconds =
                metrics::histogram!("worksmith_request_seconds", "operation" => operation);
            seconds.record(elapsed);
        });
        assert_eq!(kept, looked_up);
        assert!(kept.contains(r#"{operation="tags.get",status="211"} 2"#), "{kept}");
        assert!(!kept.contains("tags.create"), "{kept}");
    }
}
