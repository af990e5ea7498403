#!/usr/bin/env bash
# Runs every test, and brings what they need: the packages of the official clients from npm and
# PyPI, and Debian packages where it may install them. What can't be brought is said in one
# sentence, and the tests that need it are skipped, unless WORKSMITH_FOREIGN names their suite, or
# WORKSMITH_DATABASES their database.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

target=${CARGO_TARGET_DIR:-target}
foreign=${WORKSMITH_FOREIGN:-}

# debian PACKAGE...: installs them, where this is Debian and we are root.
debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "Installing $* ..."
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" \
        >/dev/null 2>&1 && return
    apt-get update >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" \
        >/dev/null 2>&1
}

# has COMMAND PACKAGE...: whether there is a command, once its packages are installed.
has() {
    local command=$1
    shift
    command -v "$command" >/dev/null || { debian "$@" && command -v "$command" >/dev/null; }
}

# node_client NAME WHAT: whether the packages of a client for Node.js are there.
node_client() {
    local folder=tests/clients/$1 what=$2
    has npm nodejs npm || { say "Skipping $what: there is no Node.js."; return 1; }
    if ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; then
        say "Skipping $what: it needs Node.js 20, and this is $(node --version)."
        return 1
    fi
    if [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
        say "Installing $what ..."
        npm ci --prefix "$folder" --no-audit --no-fund --silent || {
            say "Skipping $what: npm could not install it."
            return 1
        }
    fi
}

mcp() {
    local folder=tests/clients/mcp venv=$target/mcp-venv
    has python3 python3 python3-venv || { say "Skipping the MCP server: no Python."; return 1; }
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "Skipping the MCP server: it needs Python 3.11, and this is $(python3 --version)."
        return 1
    fi
    if [ $folder/requirements.txt -nt "$venv/installed" ]; then
        say "Installing the MCP server ..."
        rm -rf "$venv"
        mkdir -p "$target"
        { python3 -m venv "$venv" || { debian python3-venv && python3 -m venv "$venv"; }; } \
            >/dev/null 2>&1 &&
            "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input \
                --requirement $folder/requirements.txt || {
            say "Skipping the MCP server: it could not be installed from PyPI."
            return 1
        }
        touch "$venv/installed"
    fi
    WORKSMITH_MCP_PYTHON=$(realpath --no-symlinks "$venv/bin/python")
    export WORKSMITH_MCP_PYTHON
}

has_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

postgres() {
    has_postgres && return
    # Its programs are wanted, and not the server that the package would start.
    local config=/etc/postgresql-common/createcluster.conf
    debian postgresql-common &&
        sed --in-place 's/^#\?create_main_cluster.*/create_main_cluster = false/' $config &&
        debian postgresql && has_postgres && return
    say "Skipping the tests on PostgreSQL: it is not installed."
    return 1
}

# Starts a PostgreSQL that all tests share; it is gone when the pipe to it is closed, however this
# script ends.
start_postgres() {
    coproc server { "$target/debug/worksmith-test-postgres"; }
    local pipe=${server[1]} pid=$server_PID
    # shellcheck disable=SC2064  # Bash forgets both when the server ends.
    trap "exec $pipe>&-; wait $pid" EXIT
    if ! read -r WORKSMITH_TEST_POSTGRES <&"${server[0]}"; then
        say "PostgreSQL does not start."
        exit 1
    fi
    export WORKSMITH_TEST_POSTGRES
}

has cc build-essential || { say "A C compiler is needed to build SQLite."; exit 1; }
has curl curl ca-certificates || say "Skipping the tests that call curl: there is none."
has unshare util-linux || say "Skipping the tests of full disks: there is no unshare."
[ -w /dev/fuse ] || say "Skipping the power cuts: there is no /dev/fuse."
if node_client typescript "the TypeScript SDK"; then foreign="$foreign typescript"; fi
if mcp; then foreign="$foreign mcp"; fi
if node_client smtp "the mail server"; then foreign="$foreign smtp"; fi
export WORKSMITH_FOREIGN=$foreign

# Builds the web UI and tries it without a browser, and tells whether it can be tried in one. With
# WORKSMITH_WEB=required nothing of it may be missing.
web() {
    scripts/web.sh || exit 1
    [ -e web/dist/app/index.html ] || { say "Skipping the tests of the web UI."; return 1; }
    npm --prefix web run --silent check && npm --prefix web test --silent || failed=1
    has "${CHROMIUM:-chromium}" chromium && return
    say "Skipping the web UI in a browser: there is no Chromium."
    [ "${WORKSMITH_WEB:-}" != required ] || exit 1
    return 1
}

failed=0
browser=
if web; then browser=yes; fi

# WORKSMITH_BIN names another program to start and kill than the one of this working copy.
if [ -z "${WORKSMITH_BIN:-}" ]; then
    cargo build --release --package worksmith
    WORKSMITH_BIN=$(realpath "$target/release/worksmith")
fi
export WORKSMITH_BIN

test=(cargo test)
if command -v cargo-nextest >/dev/null; then test=(cargo nextest run); fi
options=(--workspace --all-features)
cargo test "${options[@]}" --no-run --quiet

if [ -n "$browser" ]; then npm --prefix web run --silent e2e || failed=1; fi

if postgres; then
    start_postgres
    if [ -n "$browser" ] && command -v psql >/dev/null; then
        WORKSMITH_TEST_DATABASE=postgres \
            npm --prefix web run --silent e2e list board detail live inbox || failed=1
    fi
    # The same once more on PostgreSQL; what asks SQLite itself has it in its name.
    suites=(--test families --test system --test foreign)
    WORKSMITH_TEST_DATABASE=postgres \
        "${test[@]}" "${options[@]}" "${suites[@]}" "$@" -- --skip sqlite || failed=1
elif [[ " ${WORKSMITH_DATABASES:-} " = *" postgres "* ]]; then
    exit 1
fi
if [ "${test[1]}" = nextest ]; then cargo test "${options[@]}" --doc --quiet || failed=1; fi
"${test[@]}" "${options[@]}" "$@" || failed=1
exit $failed
