"""add_timeline_entry against a real store."""

import pytest

SUCCESS = "Timeline entry created successfully:"


def entries(api, id: str) -> list[dict]:
    return api.post("timeline-entries.list", {"object": id})["timeline_entries"]


@pytest.fixture
def issue(api, product) -> dict:
    return api.work("issue", product, "Cache eviction stalls")


def test_an_entry_holds_what_was_said_and_is_stored(api, mcp, me, issue):
    text = f"**Done**, see {issue['display_id']}"
    made = mcp.call("add_timeline_entry", id=issue["display_id"], timeline_entry=text)
    made = made.after(SUCCESS)["timeline_entry"]
    assert made["type"] == "timeline_comment"
    assert made["body"] == text
    assert made["object"] == issue["id"]
    assert made["object_display_id"] == issue["display_id"]
    assert made["visibility"] == "external"
    assert made["created_by"]["id"] == me["id"]
    assert [one["id"] for one in made["references"]] == [issue["id"]]
    assert entries(api, issue["id"]) == [made]


def test_entries_are_added_to_parts_and_in_the_order_of_the_calls(api, mcp, product):
    enhancement = api.enhancement(product, "Faster cache")
    for text in ["first", "second"]:
        mcp.call("add_timeline_entry", id=enhancement["id"], timeline_entry=text).after(SUCCESS)
    assert [one["body"] for one in entries(api, enhancement["id"])] == ["first", "second"]


@pytest.mark.parametrize(
    ("id", "status", "kind"),
    [("ISS-999999", 404, "not_found"), ("TAG-1", 400, "unexpected_id_type"),
     ("nothing", 400, "invalid_id")],
)
def test_the_tool_reports_what_has_no_timeline(id, status, kind, mcp):
    answer = mcp.call("add_timeline_entry", id=id, timeline_entry="done")
    seen, body = answer.failure("Create timeline entry")
    assert (seen, body["type"]) == (status, kind)
