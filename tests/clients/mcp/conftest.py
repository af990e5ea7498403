"""What the tests share. run.py starts the server and says in the environment where it is."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from connect_proxy import connect_proxy
from mcp_client import mcp_server
from name_mapping import HOST
from recorder import recording
from worksmith_api import Api


@dataclass(frozen=True)
class Settings:
    token: str
    ca: Path
    proxy: str | None


@pytest.fixture(scope="session")
def settings() -> Settings:
    if "MCP_SUITE_TOKEN" not in os.environ:
        pytest.exit("start this suite with run.py: it starts the server and maps the name", 2)
    environment = os.environ
    return Settings(
        environment["MCP_SUITE_TOKEN"],
        Path(environment["MCP_SUITE_CA"]),
        environment["MCP_SUITE_PROXY"] or None,
    )


@pytest.fixture(scope="session")
def api(settings) -> Api:
    return Api(settings.token, settings.ca, settings.proxy)


@pytest.fixture(scope="session")
def me(api) -> dict:
    return api.me()


@pytest.fixture(scope="session")
def mcp(settings):
    """The official MCP server, connected to Worksmith."""
    with mcp_server(settings.token, settings.ca, settings.proxy) as server:
        yield server


@pytest.fixture(scope="session")
def other(api):
    """A second actor: its account, its Api, its token."""
    return api.second_actor("robot")


@pytest.fixture
def product(api, request) -> dict:
    """A product of this test alone, so that lists scoped to it hold nothing else."""
    return api.product(request.node.name[:60])


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    with recording(HOST, tmp_path_factory.mktemp("recorder")) as record:
        yield record


@pytest.fixture(scope="module")
def recorded_mcp(recorder):
    """The official MCP server, connected to the recorder."""
    with connect_proxy(HOST, recorder.address) as proxy:
        with mcp_server("token-for-the-record", recorder.ca, proxy) as server:
            yield server
