//! A PostgreSQL that several test processes share: it prints the folder of its socket in one line,
//! and ends when its standard input does.

use std::io::Read;

use worksmith_test_postgres::Cluster;

fn main() {
    let cluster = Cluster::start();
    println!("{}", cluster.folder().display());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
