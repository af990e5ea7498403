#!/usr/bin/env python3
"""Runs the official MCP server, unmodified, against a Worksmith of its own.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt
    WORKSMITH_BIN=path/to/worksmith VENV/bin/python run.py [pytest arguments]

On SQLite, or on the empty database of PostgreSQL that MCP_SUITE_DATABASE names by its URL.

Ends with a line "N passed, N failed". Exit codes: 0 all passed, 1 something failed, 2 the suite
could not start, 77 skipped because the name api.devrev.ai can't be mapped here.
"""

import argparse
import contextlib
import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import name_mapping
from name_mapping import HOST, Mapping

SKIPPED = 77
CANNOT_START = 2
START_LIMIT_S = 60
STOP_LIMIT_S = 15
LOG_LINES_SHOWN = 40
HERE = Path(__file__).resolve().parent
INSIDE = "WORKSMITH_MCP_SUITE_INSIDE"


class CannotStart(Exception):
    pass


class Counter:
    """A pytest plugin: a test whose set-up or tear-down fails has failed."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed += 1

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


def main() -> int:
    # A plain SIGTERM would leave the server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options, pytest_arguments = _arguments()
    missing = [name for name in ("devrev_mcp", "mcp", "pytest") if not _installed(name)]
    if missing:
        print(f"Not installed here: {', '.join(missing)}; pip install -r {HERE}/requirements.txt")
        return CANNOT_START
    binary = Path(os.environ.get("WORKSMITH_BIN", "")).expanduser().resolve()
    if not os.access(binary, os.X_OK) or not binary.is_file():
        print("Set WORKSMITH_BIN to the worksmith program to test.")
        return CANNOT_START
    ways = [options.way] if options.way else list(name_mapping.ORDER)

    if os.environ.get(INSIDE):
        with tempfile.TemporaryDirectory(prefix="worksmith-mcp-") as scratch:
            return _run(binary, name_mapping.enter_namespace(Path(scratch)), pytest_arguments)
    if "namespace" in ways:
        again = [sys.executable, str(HERE / "run.py"), *sys.argv[1:]]
        command = name_mapping.namespace_command(again)
        if command is not None:
            sys.stdout.flush()
            os.execve(command[0], command, os.environ | {INSIDE: "1"})
    mapping = name_mapping.from_hosts() if "hosts" in ways else None
    if mapping is None and "proxy" in ways:
        mapping = name_mapping.from_proxy()
    if mapping is None:
        print(f"Skipped: {HOST} can't be mapped to the loopback here (tried: {', '.join(ways)}).")
        return SKIPPED
    return _run(binary, mapping, pytest_arguments)


def _run(binary: Path, mapping: Mapping, pytest_arguments: list[str]) -> int:
    import pytest

    from connect_proxy import connect_proxy

    counter = Counter()
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="worksmith-mcp-"))
        log = Path(scratch) / "server.log"
        proxy = None
        if mapping.needs_proxy:
            upstream = (mapping.address, mapping.port)
            proxy = stack.enter_context(connect_proxy(HOST, upstream))
        try:
            token, ca = stack.enter_context(_worksmith(binary, mapping, Path(scratch), log, proxy))
        except CannotStart as problem:
            print(f"Worksmith did not start: {problem}\n{_tail(log)}".rstrip())
            return CANNOT_START
        print(f"{HOST} is {mapping.address}:{mapping.port} (by {mapping.way})", flush=True)
        os.environ["MCP_SUITE_TOKEN"] = token
        os.environ["MCP_SUITE_CA"] = str(ca)
        os.environ["MCP_SUITE_PROXY"] = proxy or ""
        os.chdir(HERE)
        arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(HERE), *pytest_arguments]
        code = pytest.main(arguments, plugins=[counter])
        if counter.failed:
            print(f"The end of the server's log:\n{_tail(log)}")
    print(f"{counter.passed} passed, {len(counter.failed)} failed")
    return 0 if code == 0 and counter.passed and not counter.failed else 1


@contextlib.contextmanager
def _worksmith(binary: Path, mapping: Mapping, scratch: Path, log: Path, proxy: str | None):
    """A Worksmith on an empty store; yields its token and CA, and stops it afterwards."""
    token = "mcp-suite-" + secrets.token_hex(24)
    data = scratch / "data"
    command = [str(binary), "serve", "--data-dir", str(data)]
    command += ["--listen", f"{mapping.address}:{mapping.port}"]
    command += ["--tls-self-signed", "--tls-name", HOST]
    if database := os.environ.get("MCP_SUITE_DATABASE"):
        command += ["--database", database]
    own = {k: v for k, v in os.environ.items() if not k.startswith("WORKSMITH_")}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            env=own | {"WORKSMITH_ADMIN_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        ca = data / "tls" / "ca.pem"
        _wait_until_alive(process, ca, proxy)
        yield token, ca
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_alive(process: subprocess.Popen, ca: Path, proxy: str | None) -> None:
    import requests

    client = requests.Session()
    client.trust_env = False
    client.verify = str(ca)
    client.proxies = {"https": proxy} if proxy else {}
    deadline = time.monotonic() + START_LIMIT_S
    last = "its CA did not appear"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStart(f"it ended with code {process.returncode}")
        if ca.exists():
            try:
                answer = client.get(f"https://{HOST}/healthz", timeout=5)
                if answer.status_code == 200:
                    return
                last = f"/healthz answered {answer.status_code}"
            except (requests.RequestException, OSError) as problem:
                last = str(problem)
        time.sleep(0.05)
    raise CannotStart(f"not alive after {START_LIMIT_S} s: {last}")


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    return "\n".join("  " + line for line in lines)


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--way",
        choices=name_mapping.ORDER,
        help=f"map {HOST} in this way only (default: the first that works here)",
    )
    return parser.parse_known_args()


if __name__ == "__main__":
    sys.exit(main())
