//! Generates `crates/http/openapi.json`: prints it or, with `--write`, replaces it.

use worksmith_tests::openapi;

fn main() -> std::io::Result<()> {
    let text = openapi::render();
    if std::env::args().any(|argument| argument == "--write") {
        return std::fs::write(openapi::path(), text);
    }
    print!("{text}");
    Ok(())
}
