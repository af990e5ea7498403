#!/usr/bin/env bash
# Everything that is wrong with the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# deny: whether there is a cargo-deny. With WORKSMITH_DENY=install, it is the one of this version,
# which is built once and kept in the target folder. It runs for seconds, so it is not optimized.
deny() {
    if [ "${WORKSMITH_DENY:-}" != install ]; then
        command -v cargo-deny >/dev/null && return
        say "Skipping licences, bans and sources of dependencies: cargo-deny is not installed."
        return 1
    fi
    local version=0.20.2 tools
    tools=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/tools
    export PATH="$tools/bin:$PATH"
    [ "$("$tools/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $version" ] || return 0
    say "Installing cargo-deny $version ..."
    # It is built aside, whatever CARGO_TARGET_DIR says.
    CARGO_PROFILE_DEV_DEBUG=false CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$tools/build" \
        cargo install --quiet --locked --debug --no-default-features --version "=$version" \
        --root "$tools" cargo-deny || { say "cargo-deny could not be installed."; exit 1; }
    rm -rf "$tools/build"
}

cargo fmt --all --check
cargo clippy --workspace --all-targets --all-features -- -D warnings

if [ -e web/node_modules/typescript ]; then
    npm --prefix web run --silent check
    node web/scripts/api.mjs --check
else
    say "The web UI was not looked at: 'make web' brings what it needs."
fi

if deny; then
    cargo deny --locked check licenses bans sources
    # The database of advisories is on GitHub, which not every machine reaches; CI does not.
    say "Advisories were not looked at: that is 'cargo deny check advisories', and needs GitHub."
fi

# The published contract is not part of the repository; where it lies beside it, what was taken
# from it must be up to date.
contract=../shared/contract
if [ -d "$contract" ]; then
    cargo run --quiet --package worksmith-contract --features generate --bin facts -- \
        --contract "$contract"
fi
