"""The name, the certificate and the token: what must be right before any tool works."""

import socket
import ssl

from mcp_client import mcp_server
from name_mapping import HOST


def test_without_the_servers_ca_the_connection_is_refused(settings):
    with mcp_server(settings.token, None, settings.proxy) as stranger:
        answer = stranger.call("get_current_user")
    assert answer.is_error
    assert "CERTIFICATE_VERIFY_FAILED" in answer.text


def test_the_self_made_certificate_passes_the_strict_checks_of_newer_pythons(settings):
    """Python 3.13 asks for the key identifiers and key usages of RFC 5280; ask on any Python."""
    context = ssl.create_default_context(cafile=settings.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with _connection(settings) as plain, context.wrap_socket(plain, server_hostname=HOST) as tls:
        names = [value for kind, value in tls.getpeercert()["subjectAltName"] if kind == "DNS"]
    assert HOST in names


def test_a_wrong_token_is_reported_as_unauthenticated(settings):
    with mcp_server("not-a-token", settings.ca, settings.proxy) as stranger:
        status, error = stranger.call("get_current_user").failure("Get current user")
    assert (status, error["type"]) == (401, "unauthenticated")


def test_a_token_given_with_its_scheme_works_too(settings, me):
    with mcp_server(f"Bearer {settings.token}", settings.ca, settings.proxy) as server:
        answer = server.call("get_current_user")
    assert answer.after("Current DevRev user details:") == {"dev_user": me}


def test_every_caller_is_the_one_its_token_names(settings, api, other, product):
    account, _, token = other
    with mcp_server(token, settings.ca, settings.proxy) as robot:
        made = robot.call(
            "create_work", type="issue", title="By a robot", applies_to_part=product["id"]
        ).after("Object created successfully:")["work"]
    assert made["created_by"]["id"] == account["id"]
    assert made["created_by"]["type"] == "service_account"
    assert api.get_work(made["id"]) == made


def _connection(settings) -> socket.socket:
    if settings.proxy is None:
        return socket.create_connection((HOST, 443), timeout=10)
    port = int(settings.proxy.rsplit(":", 1)[1])
    tunnel = socket.create_connection(("127.0.0.1", port), timeout=10)
    tunnel.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
    assert tunnel.recv(4096).startswith(b"HTTP/1.1 200 ")
    return tunnel
