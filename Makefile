# The two commands that matter: `make run` and `make test`.

.PHONY: help run test check bench web

# How many works `make bench` measures with: 10k, or 1m.
SCALE ?= 10k

help:
	@echo "make run     build, and serve a sample org on http://127.0.0.1:8080"
	@echo "make test    bring what the tests need, and run all of them"
	@echo "make web     build the web UI; run, test and bench do it, too, where there is Node.js"
	@echo "make check   formatting, lints, licences of dependencies, generated files"
	@echo "make bench   how fast it is beside what the machine can do; SCALE=1m for a million works"

# Cargo never calls npm: it embeds what this has built, or nothing.
web:
	scripts/web.sh

run: web
	cargo run --release --package worksmith -- demo

test:
	scripts/test.sh

check:
	scripts/check.sh

bench: web
	cargo build --release --package worksmith
	cargo run --release --package worksmith-bench -- run --scale $(SCALE)
