//! Compares database drivers on what a tracker requires of its store: short durable transactions,
//! and reads by key.
//!
//! `drivers sqlite` and `drivers postgres SOCKET_FOLDER` print a table each. `run.sh` does both.
//! Drivers take turns, each turn begins with the same data, and the median of the turns counts.

mod data;
mod measure;
mod postgres;
mod postgres_sqlx;
mod postgres_tokio;
mod sqlite;
mod sqlite_rusqlite;
mod sqlite_sqlx;

use std::error::Error;

use measure::{Figures, Measure};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// One row of the table.
struct Entry {
    driver: &'static str,
    measure: Measure,
    turns: Vec<Figures>,
}

/// The turn of one driver, which measures on a fresh copy of the data.
type Turn = fn(Measure) -> std::pin::Pin<Box<dyn Future<Output = Result<Figures>> + Send>>;

fn number(name: &str, default: u32) -> Result<u32> {
    std::env::var(name).map_or(Ok(default), |value| Ok(value.parse()?))
}

async fn compare(measure: Measure, drivers: &[(&'static str, Turn)]) -> Result<Vec<Entry>> {
    let mut entries: Vec<_> =
        drivers.iter().map(|&(driver, _)| Entry { driver, measure, turns: Vec::new() }).collect();
    for _ in 0..number("TURNS", 3)? {
        for (entry, (driver, turn)) in entries.iter_mut().zip(drivers) {
            measure::quiet().await?;
            let figures = turn(measure).await.map_err(|cause| format!("{driver}: {cause}"))?;
            eprintln!("{measure}: {driver}: {figures:?}");
            entry.turns.push(figures);
        }
    }
    Ok(entries)
}

fn print(entries: &[Entry]) {
    println!("| measure | driver | per second | p50 µs | p99 µs | own CPU µs each |");
    println!("|---|---|---:|---:|---:|---:|");
    for Entry { driver, measure, turns } in entries {
        let median = |of: fn(&Figures) -> f64| {
            let mut values: Vec<_> = turns.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        println!(
            "| {measure} | {driver} | {:.0} | {:.0} | {:.0} | {:.1} |",
            median(|turn| turn.per_second),
            median(|turn| turn.p50_us),
            median(|turn| turn.p99_us),
            median(|turn| turn.cpu_us),
        );
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let entries = match arguments.next().as_deref() {
        Some("sqlite") => sqlite::all().await?,
        Some("postgres") => postgres::all(arguments.next().ok_or("a folder is missing")?).await?,
        _ => return Err("drivers sqlite | drivers postgres SOCKET_FOLDER".into()),
    };
    print(&entries);
    Ok(())
}
