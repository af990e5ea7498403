"""A CONNECT proxy that leads every tunnel to one loopback address.

`requests`, which the official MCP server uses, honours HTTPS_PROXY. A proxy that answers
`CONNECT api.devrev.ai:443` with a tunnel to the server under test maps that name for one process
without touching the machine; TLS still runs end to end, so the certificate is checked for real.
"""

import contextlib
import select
import socket
import socketserver
import threading

HEAD_LIMIT = 8192
RELAY_IDLE_S = 60


class _Tunnel(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = self.request.recv(HEAD_LIMIT)
            if not chunk or len(head) > HEAD_LIMIT:
                return
            head += chunk
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        if method != "CONNECT" or target != self.server.only_target:
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with contextlib.closing(socket.create_connection(self.server.upstream)) as upstream:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                _relay(self.request, upstream)


def _relay(left: socket.socket, right: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([left, right], [], [], RELAY_IDLE_S)
        if not ready:
            return
        for side in ready:
            data = side.recv(65536)
            if not data:
                return
            (right if side is left else left).sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    only_target: str
    upstream: tuple[str, int]


@contextlib.contextmanager
def connect_proxy(host: str, upstream: tuple[str, int]):
    """Yields the proxy's URL; only `host`:443 is let through, and always to `upstream`."""
    server = _Server(("127.0.0.1", 0), _Tunnel)
    server.only_target = f"{host}:443"
    server.upstream = upstream
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
