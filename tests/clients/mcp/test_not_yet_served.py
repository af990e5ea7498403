"""Tools whose operations Worksmith does not serve yet.

Each must fail with "route not found" today. When one of these tests fails, the operation has
arrived: take its row out of the table and write tests of what the tool now does.
"""

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Missing:
    tool: str
    operation: str
    failure: str
    arguments: dict

    def __str__(self) -> str:
        return f"{self.tool} needs {self.operation}"


NOT_YET_SERVED = [
    Missing("list_meetings", "meetings.list", "List meetings", {}),
]
ROUTE_NOT_FOUND = (404, {"message": "route not found"})


@pytest.mark.parametrize("missing", NOT_YET_SERVED, ids=str)
def test_the_tool_meets_no_route(missing, mcp):
    failure = mcp.call(missing.tool, **missing.arguments).failure(missing.failure)
    assert failure == ROUTE_NOT_FOUND


@pytest.mark.parametrize("operation", sorted({row.operation for row in NOT_YET_SERVED}))
def test_the_operation_has_no_route(operation, api):
    assert api.post(operation, {}, 404) == ROUTE_NOT_FOUND[1]
