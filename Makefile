# The two commands that matter: `make run` and `make test`.

.PHONY: help run test check

help:
	@echo "make run     build, and serve a sample org on http://127.0.0.1:8080"
	@echo "make test    bring what the tests need, and run all of them"
	@echo "make check   formatting, lints, licences and advisories, generated files"

run:
	cargo run --release --package worksmith -- demo

test:
	scripts/test.sh

check:
	scripts/check.sh
