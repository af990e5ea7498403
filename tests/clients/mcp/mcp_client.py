"""The official MCP server as a child process, spoken to over stdio with the MCP client library."""

import ast
import contextlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

# The MCP server sets no timeout on its own HTTP calls.
CALL_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True)
class Answer:
    text: str
    is_error: bool

    def after(self, lead: str) -> object:
        """The value printed behind `lead`: the tool prints Python literals, not JSON."""
        assert not self.is_error, self.text
        assert self.text.startswith(lead), self.text
        return ast.literal_eval(self.text[len(lead) :].strip())

    def failure(self, lead: str) -> tuple[int, dict]:
        """Status and error body of what the tool reports as `<lead> failed with status N: …`."""
        assert not self.is_error, self.text
        shape = re.escape(lead) + r" failed with status (\d+): (.*)"
        found = re.fullmatch(shape, self.text, re.DOTALL)
        assert found, self.text
        return int(found[1]), json.loads(found[2])


class McpServer:
    def __init__(self, portal, session: ClientSession) -> None:
        self._portal = portal
        self._session = session

    def call(self, tool: str, **arguments) -> Answer:
        async def run():
            return await self._session.call_tool(
                tool, arguments, read_timeout_seconds=CALL_TIMEOUT
            )

        result = self._portal.call(run)
        assert len(result.content) == 1, result.content
        return Answer(result.content[0].text, bool(result.isError))

    def tool_properties(self) -> dict[str, set[str]]:
        listed = self._portal.call(self._session.list_tools)
        return {tool.name: set(tool.inputSchema["properties"]) for tool in listed.tools}


@contextlib.contextmanager
def mcp_server(token: str, ca: Path | None, proxy: str | None):
    """Starts the unmodified `devrev-mcp` beside this interpreter, with these settings only."""
    environment = {"DEVREV_API_KEY": token}
    if ca is not None:
        environment["REQUESTS_CA_BUNDLE"] = str(ca)
    if proxy is not None:
        environment["HTTPS_PROXY"] = proxy
    command = Path(sys.executable).parent / "devrev-mcp"
    parameters = StdioServerParameters(command=str(command), env=environment)
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(stdio_client(parameters)) as (read, write):
            with portal.wrap_async_context_manager(ClientSession(read, write)) as session:
                portal.call(session.initialize)
                yield McpServer(portal, session)
