#!/usr/bin/env bash
# Builds the program, measures SQLite, and PostgreSQL on a cluster of its own in a temporary folder,
# which is gone afterwards. As root, PostgreSQL runs as the user postgres. TURNS and SECONDS_EACH
# say how often and how long.
set -euo pipefail
cd "$(dirname "$0")"

target=${CARGO_TARGET_DIR:-../../target/drivers}
cargo build --quiet --release --locked --target-dir "$target"

"$target/release/drivers" sqlite

binaries=$(pg_config --bindir 2>/dev/null || ls -d /usr/lib/postgresql/*/bin | tail -1)
folder=$(mktemp -d)
as_owner=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_owner=(runuser -u postgres --)
fi
stop() {
    "${as_owner[@]}" "$binaries/pg_ctl" --pgdata "$folder/data" --mode fast stop >/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
"${as_owner[@]}" "$binaries/initdb" --pgdata "$folder/data" --username postgres --auth trust \
    --encoding UTF8 --no-locale >/dev/null
"${as_owner[@]}" "$binaries/pg_ctl" --pgdata "$folder/data" --wait --log "$folder/log" \
    --options "-c listen_addresses= -c unix_socket_directories=$folder" start >/dev/null
cd - >/dev/null
"$target/release/drivers" postgres "$folder"
