//! The program: its help, failing starts, stops, sudden ends, and its output.

mod backups;
mod cascades;
mod crash;
mod data;
mod disk;
mod help;
mod history;
mod import;
mod interrupted;
mod limits;
mod listeners;
mod living;
mod load;
mod log;
mod moves;
mod pipes;
mod promises;
mod reindex;
mod s3;
mod search;
mod sla;
mod starts;
mod stops;
mod tls;
mod tokens;
mod upgrades;
