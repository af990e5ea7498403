//! A self-hosted work tracker that speaks DevRev's REST API.

fn main() {}
