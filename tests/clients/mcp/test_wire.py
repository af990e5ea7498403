"""What the MCP server sends, seen by a recorder in the server's place.

The other files rest on this: when a new release sends something else, it shows here first.
"""

import pytest

from wire_cases import CASES, TRANSITIONS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_tool_sends_exactly_these_requests(case, recorder, recorded_mcp):
    recorder.expect(case.answers)
    answer = recorded_mcp.call(case.tool, **case.arguments)
    assert not answer.is_error, answer.text
    assert " failed with status " not in answer.text
    assert [(sent.path, sent.body) for sent in recorder.requests] == case.requests


@pytest.mark.parametrize("case", TRANSITIONS, ids=str)
def test_transitions_are_those_of_the_present_stage_in_the_diagram(case, recorder, recorded_mcp):
    recorder.expect(case.answers)
    answer = recorded_mcp.call(case.tool, **case.arguments)
    lead = "Valid Transitions for 'X-1' from current stage:"
    assert answer.after(lead) == [{"target_stage": {"id": "don:other"}}]


def test_the_token_travels_without_a_scheme(recorder, recorded_mcp):
    recorder.expect({"/dev-users.self": (200, {})})
    recorded_mcp.call("get_current_user")
    (sent,) = recorder.requests
    assert sent.headers["authorization"] == "token-for-the-record"
    assert sent.headers["content-type"] == "application/json"
    assert not [name for name in sent.headers if name.startswith("x-devrev-")]


@pytest.mark.parametrize(
    ("tool", "arguments", "path", "wrong", "lead"),
    [
        ("create_work", {"type": "issue", "title": "T", "applies_to_part": "PROD-1"},
         "/works.create", 200, "Create object"),
        ("create_part", {"type": "enhancement", "name": "N", "owned_by": ["DEVU-1"],
                         "parent_part": ["PROD-1"]}, "/parts.create", 200, "Create part"),
        ("add_timeline_entry", {"id": "ISS-1", "timeline_entry": "done"},
         "/timeline-entries.create", 200, "Create timeline entry"),
        ("update_work", {"id": "ISS-1", "type": "issue"}, "/works.update", 201, "Update object"),
        ("list_works", {"type": ["issue"]}, "/works.list", 206, "List works"),
    ],
)
def test_any_other_success_status_is_a_failure_to_it(
    tool, arguments, path, wrong, lead, recorder, recorded_mcp
):
    recorder.expect({path: (wrong, {"answered": True})})
    answer = recorded_mcp.call(tool, **arguments)
    assert answer.failure(lead) == (wrong, {"answered": True})


def test_every_argument_of_every_tool_is_among_the_cases(recorded_mcp):
    covered = {}
    for case in CASES:
        covered.setdefault(case.tool, set()).update(case.arguments)
    assert covered == recorded_mcp.tool_properties()
