#!/usr/bin/env bash
# Builds the web UI into web/dist, where the next build of the program finds it. Without Node.js it
# says so and succeeds: the program then serves the API without pages. With WORKSMITH_WEB=required
# that is a failure, as for releases; with WORKSMITH_WEB=none nothing is built.
set -euo pipefail
cd "$(dirname "$0")/../web"

say() { printf '%s\n' "$*" >&2; }

without() {
    say "The program will have no web UI: $*"
    [ "${WORKSMITH_WEB:-}" != required ]
    exit
}

[ "${WORKSMITH_WEB:-}" != none ] || exit 0
command -v npm >/dev/null || without "there is no Node.js."
node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' ||
    without "it needs Node.js 20, and this is $(node --version)."
if [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "Installing what the web UI is built with ..."
    npm ci --no-audit --no-fund --silent || without "npm could not install its packages."
fi

# It takes a second, and is left alone where nothing has changed.
built=dist/app/index.html
sources=(src scripts index.html package-lock.json vite.config.ts ../crates/worksmith/src/demo.json)
if [ -e $built ] && [ -z "$(find "${sources[@]}" -newer $built -print -quit)" ]; then
    exit 0
fi
npm run --silent build
