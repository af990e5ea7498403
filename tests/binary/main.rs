//! The program: its help, its starts that fail, its stops, and what it prints.

mod disk;
mod help;
mod import;
mod limits;
mod starts;
mod stops;
mod tls;
mod tokens;
