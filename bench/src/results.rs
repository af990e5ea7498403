//! The measurements, as they are stored in `bench/results/<scale>.json`.

use serde::{Deserialize, Serialize};

use crate::numbers::ratio;

/// The results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    /// How much data there was, such as `10k`.
    pub(crate) scale: String,
    /// How many works there were.
    pub(crate) works: u64,
    /// When the run began.
    pub(crate) date: String,
    /// How long each row was measured, in seconds.
    pub(crate) seconds: f64,
    pub(crate) machine: Machine,
    /// Facts about the server besides its rows.
    pub(crate) facts: Facts,
    /// The same about the other build, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Facts>,
    /// The rows, in the order in which they were measured.
    pub(crate) rows: Vec<Row>,
}

/// The machine of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The processor.
    pub(crate) cpu: String,
    /// How many of its cores can be used.
    pub(crate) cores: usize,
    /// Main memory in bytes.
    pub(crate) memory_bytes: u64,
    /// The version of Linux.
    pub(crate) kernel: String,
    /// The compiler.
    pub(crate) rustc: String,
    /// The file system of the data.
    pub(crate) filesystem: String,
    /// How long the disk takes to make writes durable.
    pub(crate) flushes: Vec<Flushes>,
}

/// A single writer that waits for the disk after each write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flushes {
    /// The length of each write.
    pub(crate) bytes: u64,
    /// Writes per second.
    pub(crate) per_second: f64,
    /// The median time of a write.
    pub(crate) p50_ms: f64,
    /// The 99th percentile of the times.
    pub(crate) p99_ms: f64,
}

/// Facts about the server besides its rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The length of the program's file.
    pub(crate) binary_bytes: u64,
    /// The length of the database before the rows.
    pub(crate) database_bytes: u64,
    /// The search index of the data, unless nobody said.
    #[serde(default)]
    pub(crate) indexing: Option<Indexing>,
    /// The same on PostgreSQL, unless left out.
    #[serde(default)]
    pub(crate) indexing_on_postgres: Option<Indexing>,
    /// The time from the start of the process to its first answer of `works.get`.
    pub(crate) start_ms: f64,
    /// Its memory two seconds later.
    pub(crate) rss_idle_bytes: u64,
    /// The most memory that it was seen to use during the rows.
    pub(crate) rss_load_bytes: u64,
    /// The most memory that it used at any time, according to Linux.
    pub(crate) rss_peak_bytes: u64,
    /// The length of an average answer of `works.get`.
    pub(crate) get_bytes: usize,
    /// The length of an average answer of `works.list` with 50 works.
    pub(crate) list_bytes: usize,
    /// The import of a file from GitHub, unless left out.
    pub(crate) import: Option<Import>,
}

/// What making a search index took. Each write costs the index as much as an object here, beside
/// the call that writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Indexing {
    /// How many objects it has.
    pub(crate) entries: u64,
    /// How much room it takes.
    pub(crate) bytes: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// The result of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    /// How many issues the file holds.
    pub(crate) works: u64,
    /// The length of the file.
    pub(crate) file_bytes: u64,
    /// How long it took, including the start and end of the program.
    pub(crate) seconds: f64,
    /// Works per second.
    pub(crate) per_second: f64,
    /// The most memory that it was seen to use.
    pub(crate) rss_peak_bytes: u64,
}

/// The figures of a row on one build of the product, or of a limit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Successful answers.
    pub(crate) answers: u64,
    /// How long they were counted.
    pub(crate) seconds: f64,
    /// Successful answers per second.
    pub(crate) per_second: f64,
    /// The median time of an answer.
    pub(crate) p50_ms: f64,
    /// The 99th percentile of the times.
    pub(crate) p99_ms: f64,
    /// The slowest answer.
    pub(crate) max_ms: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub(crate) cpu_us: Option<f64>,
    /// The average length of an answer.
    pub(crate) bytes: f64,
    /// Failed answers, and broken connections.
    pub(crate) errors: u64,
    /// An example of them.
    pub(crate) example: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Its name, such as `update/16`.
    pub(crate) name: String,
    /// The rows that are its limits.
    pub(crate) limits: Vec<String>,
    /// How many connections.
    pub(crate) connections: usize,
    /// The fixed rate of requests; `None` if as fast as possible.
    pub(crate) rate: Option<f64>,
    #[serde(flatten)]
    pub(crate) figures: Figures,
    /// The figures of the other build, if there was one in the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Figures>,
}

impl Results {
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// Requests per second of a row as a share of those of one of its limits in the same run.
    pub(crate) fn share(&self, row: &Row, limit: &str) -> Option<f64> {
        shares(&self.rows, row).find(|(name, _)| *name == limit).map(|(_, share)| share)
    }
}

/// The limits of a row that were measured in the same run, each with the row's share of it.
pub(crate) fn shares<'a>(
    rows: &'a [Row],
    row: &'a Row,
) -> impl Iterator<Item = (&'a str, f64)> + use<'a> {
    row.limits.iter().filter_map(|name| {
        let limit = rows.iter().find(|other| other.name == *name)?;
        Some((name.as_str(), ratio(row.figures.per_second, limit.figures.per_second)?))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Figures with a rate and a p99.
    pub(crate) fn figures(per_second: f64, p99_ms: f64) -> Figures {
        Figures {
            answers: 10,
            seconds: 1.0,
            per_second,
            p50_ms: p99_ms / 2.0,
            p99_ms,
            max_ms: p99_ms,
            cpu_us: None,
            bytes: 6000.0,
            errors: 0,
            example: None,
        }
    }

    /// A row with its limits, a rate and a p99.
    pub(crate) fn row(name: &str, limits: &[&str], per_second: f64, p99_ms: f64) -> Row {
        Row {
            name: name.to_owned(),
            limits: limits.iter().map(|&limit| limit.to_owned()).collect(),
            connections: 16,
            rate: None,
            figures: figures(per_second, p99_ms),
            before: None,
        }
    }

    /// The results of a scale with these rows.
    pub(crate) fn results(scale: &str, rows: Vec<Row>) -> Results {
        Results {
            scale: scale.to_owned(),
            works: 10_000,
            date: String::new(),
            seconds: 8.0,
            machine: Machine {
                cpu: "a processor".to_owned(),
                cores: 2,
                memory_bytes: 1 << 30,
                kernel: String::new(),
                rustc: String::new(),
                filesystem: String::new(),
                flushes: Vec::new(),
            },
            facts: Facts {
                binary_bytes: 20_000_000,
                database_bytes: 100_000_000,
                indexing: None,
                indexing_on_postgres: None,
                start_ms: 20.0,
                rss_idle_bytes: 20_000_000,
                rss_load_bytes: 300_000_000,
                rss_peak_bytes: 300_000_000,
                get_bytes: 6000,
                list_bytes: 300_000,
                import: None,
            },
            before: None,
            rows,
        }
    }

    #[test]
    fn a_share_is_of_each_limit_in_the_same_run() {
        let rows = vec![
            row("static/get", &[], 200.0, 1.0),
            row("one-row/get", &[], 300.0, 1.0),
            row("get", &["static/get", "one-row/get", "gone"], 150.0, 1.0),
        ];
        let results = results("10k", rows);
        let get = results.row("get").unwrap();
        let all: Vec<_> = shares(&results.rows, get).collect();
        assert_eq!(all, [("static/get", 0.75), ("one-row/get", 0.5)]);
        assert_eq!(results.share(get, "one-row/get"), Some(0.5));
        assert_eq!(results.share(get, "gone"), None);
        assert_eq!(shares(&results.rows, results.row("static/get").unwrap()).count(), 0);
    }

    #[test]
    fn a_row_is_read_as_it_is_written() {
        let both =
            Row { before: Some(figures(90.0, 3.0)), ..row("get", &["static/get"], 1.0, 2.0) };
        for row in [both, row("list", &[], 3.0, 4.0)] {
            let text = serde_json::to_string(&row).unwrap();
            let read: Row = serde_json::from_str(&text).unwrap();
            assert_eq!(format!("{read:?}"), format!("{row:?}"), "{text}");
        }
    }
}
