"""Ways to make `api.devrev.ai` mean the server under test, without changing the machine.

1. namespace: private mount and network namespaces (root, or unprivileged user namespaces). A
   hosts file is bind-mounted over /etc/hosts for our processes only, port 443 is free because the
   network is our own, and nothing in it can reach the real host.
2. hosts: the machine already maps the name to a loopback address whose port 443 we may bind
   (a line in /etc/hosts, `docker run --add-host`).
3. proxy: HTTPS_PROXY leads the name to the server; needs no rights at all.
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HOST = "api.devrev.ai"
NAMESPACE_ADDRESS = "127.0.0.77"
ORDER = ("namespace", "hosts", "proxy")

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


@dataclass(frozen=True)
class Mapping:
    """Where the server must listen, and whether clients need the proxy to find it."""

    way: str
    address: str
    port: int
    needs_proxy: bool = False


def namespace_command(arguments: list[str]) -> list[str] | None:
    """`arguments` wrapped so that they run in namespaces of their own, or None if that fails."""
    unshare = shutil.which("unshare")
    if not sys.platform.startswith("linux") or unshare is None:
        return None
    prefixes = [[unshare, "--map-root-user", "--mount", "--net"]]
    if os.geteuid() == 0:
        prefixes.insert(0, [unshare, "--mount", "--net"])
    probe = [sys.executable, str(Path(__file__).resolve()), "probe"]
    for prefix in prefixes:
        if subprocess.run(prefix + probe, capture_output=True, check=False).returncode == 0:
            return prefix + arguments
    return None


def enter_namespace(scratch: Path) -> Mapping:
    """Called inside the namespaces: brings the loopback up and maps the name. Raises OSError."""
    _raise_loopback()
    hosts = scratch / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n::1 localhost\n{NAMESPACE_ADDRESS} {HOST}\n")
    _bind_mount(hosts, Path("/etc/hosts"))
    if Path("/etc/nsswitch.conf").exists():
        # Where a resolver daemon comes before "files" it would answer from outside.
        switch = scratch / "nsswitch.conf"
        switch.write_text("passwd: files\ngroup: files\nhosts: files\n")
        _bind_mount(switch, Path("/etc/nsswitch.conf"))
    if resolved() != NAMESPACE_ADDRESS or not _can_bind(NAMESPACE_ADDRESS, 443):
        raise OSError(f"{HOST} is not reachable inside the namespace")
    return Mapping("namespace", NAMESPACE_ADDRESS, 443)


def from_hosts() -> Mapping | None:
    address = resolved()
    if address and address.startswith("127.") and _can_bind(address, 443):
        return Mapping("hosts", address, 443)
    return None


def from_proxy() -> Mapping | None:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 0))
        except OSError:
            return None
        return Mapping("proxy", "127.0.0.1", listener.getsockname()[1], needs_proxy=True)


def resolved() -> str | None:
    try:
        return socket.getaddrinfo(HOST, 443, socket.AF_INET)[0][4][0]
    except OSError:
        return None


def _can_bind(address: str, port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            return False
        return True


def _raise_loopback() -> None:
    import fcntl  # absent on Windows, where this way is never taken

    with socket.socket() as any_socket:
        request = struct.pack("16sh14s", b"lo", 0, b"")
        answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)
        flags = struct.unpack("16sh14s", answer)[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14s", b"lo", flags | IFF_UP, b""))


def _bind_mount(source: Path, target: Path) -> None:
    done = subprocess.run(
        ["mount", "--bind", str(source), str(target)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise OSError(done.stderr.strip() or "mount failed")


if __name__ == "__main__" and sys.argv[1:] == ["probe"]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        enter_namespace(Path(folder))
