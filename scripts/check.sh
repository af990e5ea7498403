#!/usr/bin/env bash
# Everything that is wrong with the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

cargo fmt --all --check
cargo clippy --workspace --all-targets --all-features -- -D warnings

if command -v cargo-deny >/dev/null; then
    cargo deny --all-features check
else
    say "cargo-deny is not installed, so licences and advisories were not looked at."
fi

# The published contract is not part of the repository; where it lies beside it, what was taken
# from it must be up to date.
contract=../shared/contract
if [ -d "$contract" ]; then
    cargo run --quiet --package worksmith-contract --features generate --bin facts -- \
        --contract "$contract"
fi
