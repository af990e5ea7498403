"""get_current_user, get_vista and get_sprints against a real store."""

import pytest


def sprint_names(mcp, part: dict, **arguments) -> list[str]:
    answer = mcp.call("get_sprints", ancestor_part_id=part["id"], **arguments)
    return sorted(sprint["name"] for sprint in answer.after(f"Sprints for '{part['id']}':"))


@pytest.fixture
def board(api, product) -> dict:
    return api.board(product, "Board of the team")


def test_the_current_user_is_the_tokens_user(mcp, me):
    answer = mcp.call("get_current_user")
    assert answer.after("Current DevRev user details:") == {"dev_user": me}
    assert me["display_id"] == "DEVU-1"


@pytest.mark.parametrize("spelling", ["id", "display_id"])
def test_a_board_is_read_whole_through_the_internal_path(spelling, api, mcp, board):
    asked = board[spelling]
    vista = mcp.call("get_vista", id=asked).after(f"Vista details for '{asked}':")["vista"]
    assert vista == api.post("vistas.get", {"id": board["id"]})["vista"]
    assert (vista["id"], vista["name"]) == (board["id"], "Board of the team")
    assert (vista["type"], vista["flavor"]) == ("grouped", "sprint_board")


def test_a_vista_that_is_not_there_is_reported(mcp):
    status, error = mcp.call("get_vista", id="VISTA-999999").failure("get_vista")
    assert (status, error["type"]) == (404, "not_found")


def test_sprints_are_the_active_ones_unless_planned_ones_are_asked_for(api, mcp, product, board):
    for name, state in (("Past", "completed"), ("Now", "active"), ("Next", "planned")):
        api.sprint(board, name, state)
    assert sprint_names(mcp, product) == ["Now"]
    assert sprint_names(mcp, product, state="active") == ["Now"]
    assert sprint_names(mcp, product, state="planned") == ["Next"]


def test_a_sprint_is_listed_as_it_is_read_alone(api, mcp, product, board):
    made = api.sprint(board, "Now", "active")
    lead = f"Sprints for '{product['id']}':"
    (sprint,) = mcp.call("get_sprints", ancestor_part_id=product["id"]).after(lead)
    assert sprint == api.post("vistas.groups.get", {"id": made["id"]})["vista_group"]
    assert (sprint["object_type"], sprint["state"]) == ("works", "active")
    assert sprint["parent"]["id"] == board["id"]


def test_a_part_has_the_sprints_of_its_ancestors_and_no_others(api, mcp, product, board):
    api.sprint(board, "Ours", "active")
    below = api.enhancement(product, "Below")
    elsewhere = api.product("Elsewhere")
    api.sprint(api.board(elsewhere, "Theirs"), "Not ours", "active")
    assert sprint_names(mcp, below) == ["Ours"]
    assert sprint_names(mcp, elsewhere) == ["Not ours"]


def test_a_sprint_that_was_listed_can_be_given_to_an_issue(api, mcp, product, board):
    api.sprint(board, "Now", "active")
    issue = api.work("issue", product, "To do now")
    lead = f"Sprints for '{product['id']}':"
    (sprint,) = mcp.call("get_sprints", ancestor_part_id=product["id"]).after(lead)
    mcp.call("update_work", id=issue["id"], type="issue", sprint=sprint["id"])
    page = mcp.call("list_works", type=["issue"], sprint=[sprint["id"]])
    (found,) = page.after("Works listed successfully:")["works"]
    assert (found["id"], found["sprint"]["id"]) == (issue["id"], sprint["id"])
