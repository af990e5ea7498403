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
    Missing("search", "search.hybrid", "Search", {"query": "cache", "namespace": "issue"}),
    Missing("list_meetings", "meetings.list", "List meetings", {}),
    Missing("list_subtypes", "schemas.subtypes.list", "List subtypes", {"leaf_type": "issue"}),
    Missing("add_timeline_entry", "timeline-entries.create", "Create timeline entry",
            {"id": "ISS-1", "timeline_entry": "done"}),
    # After works.get or parts.get, and before stage-diagrams.get, which are served.
    Missing("valid_stage_transition", "schemas.aggregated.get", "Get schema", {"type": "issue"}),
    Missing("valid_stage_transition", "schemas.aggregated.get", "Get schema", {"type": "ticket"}),
    Missing("valid_stage_transition", "schemas.aggregated.get", "Get schema",
            {"type": "enhancement"}),
]
ROUTE_NOT_FOUND = (404, {"message": "route not found"})


@pytest.mark.parametrize("missing", NOT_YET_SERVED, ids=str)
def test_the_tool_meets_no_route(missing, api, mcp, product):
    arguments = missing.arguments
    if missing.tool == "valid_stage_transition":
        arguments = arguments | {"id": _staged(api, product, arguments["type"])["id"]}
    assert mcp.call(missing.tool, **arguments).failure(missing.failure) == ROUTE_NOT_FOUND


@pytest.mark.parametrize("operation", sorted({row.operation for row in NOT_YET_SERVED}))
def test_the_operation_has_no_route(operation, api):
    assert api.post(operation, {}, 404) == ROUTE_NOT_FOUND[1]


@pytest.mark.parametrize("kind", ["issue", "ticket", "enhancement"])
def test_what_a_transition_check_reads_besides_the_schema_is_there(kind, api, product):
    """It looks for the object's stage id among the nodes of the diagram, letter by letter."""
    thing = _staged(api, product, kind)
    stage = thing["stage_v2"] if kind == "enhancement" else thing["stage"]
    assert thing["type"] == kind
    assert "subtype" not in thing
    default = api.post("stage-diagrams.get", {"leaf_type": kind})["stage_diagram"]
    diagram = api.post("stage-diagrams.get", {"id": default["id"]})["stage_diagram"]
    assert diagram == default
    (node,) = [node for node in diagram["stages"] if node["stage"]["id"] == stage["stage"]["id"]]
    targets = {move["target_stage"]["name"] for move in node["transitions"]}
    assert "in_development" in targets


def _staged(api, product: dict, kind: str) -> dict:
    if kind == "enhancement":
        return api.enhancement(product, "To be moved")
    return api.work(kind, product, "To be moved")
