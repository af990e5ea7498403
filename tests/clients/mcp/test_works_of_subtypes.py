"""Subtypes, custom fields, and the moves that a stage diagram allows.

Runs after the tests of works: whoever names the fields of all issues gets them from now on.
"""

import pytest


@pytest.fixture(scope="module")
def bug(api) -> dict:
    """A subtype of issues with a diagram of its own: from triage to completed and nowhere else."""
    stages = {name: api.stage_id("issue", name) for name in ("triage", "completed")}
    nodes = [
        {"stage_id": stages["triage"], "is_start": True,
         "transitions": [{"target_stage_id": stages["completed"]}]},
        {"stage_id": stages["completed"], "transitions": []},
    ]
    diagram = {"leaf_type": "issue", "name": "Of bugs", "stages": nodes}
    diagram = api.post("stage-diagrams.create", diagram, 201)["stage_diagram"]
    fragment = {
        "type": "custom_type_fragment", "leaf_type": "issue", "subtype": "bug",
        "subtype_display_name": "Bug", "description": "What breaks", "fields": [],
        "stage_diagram": diagram["id"],
    }
    api.post("schemas.custom.set", fragment, 201)
    tenant = {
        "type": "tenant_fragment", "leaf_type": "issue", "description": "Of all issues",
        "fields": [{"name": "team", "field_type": "tokens", "is_filterable": True}],
    }
    api.post("schemas.custom.set", tenant, 201)
    return diagram


def targets(mcp, thing: dict, kind: str) -> set[str]:
    answer = mcp.call("valid_stage_transition", id=thing["id"], type=kind)
    moves = answer.after(f"Valid Transitions for '{thing['id']}' from current stage:")
    return {move["target_stage"]["name"] for move in moves}


@pytest.mark.parametrize("kind", ["issue", "ticket", "enhancement"])
def test_the_moves_of_the_default_diagram_are_told(kind, api, mcp, product):
    if kind == "enhancement":
        thing = api.enhancement(product, "To be moved")
    else:
        thing = api.work(kind, product, "To be moved")
    assert "in_development" in targets(mcp, thing, kind)


def test_the_moves_of_a_subtype_are_those_of_its_own_diagram(api, mcp, product, bug):
    spec = {"subtype": "bug"}
    issue = api.work("issue", product, "Broken", custom_schema_spec=spec)
    assert issue["subtype"] == "bug"
    assert targets(mcp, issue, "issue") == {"completed"}


def test_subtypes_are_listed_by_leaf_type(mcp, bug):
    listed = mcp.call("list_subtypes", leaf_type="issue").after("Subtypes for 'issue':")
    (only,) = listed["subtypes"]
    assert (only["value"], only["display_name"]) == ("bug", "Bug")
    listed = mcp.call("list_subtypes", leaf_type="ticket").after("Subtypes for 'ticket':")
    assert listed["subtypes"] == []


def test_an_issue_gets_a_subtype_and_loses_it(api, mcp, product, bug):
    issue = api.work("issue", product, "Broken")
    text = mcp.call("update_work", id=issue["id"], type="issue",
                    subtype={"drop": False, "subtype": "bug"}).text
    assert "failed" not in text, text
    assert api.get_work(issue["id"])["subtype"] == "bug"
    mcp.call("update_work", id=issue["id"], type="issue", subtype={"drop": True})
    assert "subtype" not in api.get_work(issue["id"])


def test_issues_are_listed_by_a_custom_field_and_by_subtype(api, mcp, product, bug):
    spec = {"tenant_fragment": True, "subtype": "bug"}
    fields = {"tnt__team": "harbour"}
    issue = api.work("issue", product, "Broken", custom_schema_spec=spec, custom_fields=fields)
    api.work("issue", product, "Whole")
    found = mcp.call("list_works", type=["issue"],
                     custom_fields=[{"name": "team", "value": ["harbour"]}]).text
    assert issue["id"] in found
    assert "'title': 'Whole'" not in found
    found = mcp.call("list_works", type=["issue"], subtype=["bug"]).text
    assert issue["id"] in found
    assert "'title': 'Whole'" not in found
