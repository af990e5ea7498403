//! Generates `docs/API-COMPAT.md`: prints it or, with `--write`, replaces it.

use worksmith_tests::compat;

fn main() -> std::io::Result<()> {
    let text = compat::render();
    if std::env::args().any(|argument| argument == "--write") {
        return std::fs::write(compat::path(), text);
    }
    print!("{text}");
    Ok(())
}
