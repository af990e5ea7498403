"""get_work, create_work and update_work against a real store."""

import pytest

STAMPS = {"modified_by", "modified_date"}
# Labels derived from the stage: optional in the contract, they move with it.
STAGE_LABELS = {"state", "state_display_name"}


@pytest.fixture
def ann(api) -> dict:
    return api.user("Ann")


@pytest.fixture
def issue(api, product) -> dict:
    return api.work("issue", product, "Cache eviction stalls", body="Seen twice")


def changes(before: dict, after: dict) -> set[str]:
    names = (before.keys() | after.keys()) - STAGE_LABELS
    return {name for name in names if before.get(name) != after.get(name)}


def ids(summaries: list[dict]) -> list[str]:
    return [summary["id"] for summary in summaries]


def update(mcp, work: dict, **arguments) -> None:
    answer = mcp.call("update_work", id=work["id"], type=work["type"], **arguments)
    assert answer.text == f"Object updated successfully: {work['id']}"


def refused(mcp, work: dict, **arguments) -> tuple[int, dict]:
    arguments = {"id": work["id"], "type": work["type"]} | arguments
    return mcp.call("update_work", **arguments).failure("Update object")


@pytest.mark.parametrize("kind", ["issue", "ticket"])
def test_a_created_work_holds_what_was_asked_and_is_stored(kind, api, mcp, me, ann, product):
    made = mcp.call(
        "create_work",
        type=kind,
        title="Cache eviction stalls",
        body="Every **night** at two",
        applies_to_part=product["display_id"],
        owned_by=[ann["id"], me["id"]],
    ).after("Object created successfully:")["work"]
    assert made["type"] == kind
    assert made["title"] == "Cache eviction stalls"
    assert made["body"] == "Every **night** at two"
    assert made["applies_to_part"]["id"] == product["id"]
    assert made["applies_to_part"]["name"] == product["name"]
    assert ids(made["owned_by"]) == [ann["id"], me["id"]]
    assert made["created_by"]["id"] == made["modified_by"]["id"] == me["id"]
    assert made["stage"]["name"] == {"issue": "triage", "ticket": "queued"}[kind]
    assert api.get_work(made["id"]) == made


def test_a_work_created_without_owners_or_body_belongs_to_its_creator(mcp, me, product):
    made = mcp.call(
        "create_work", type="issue", title="Bare", applies_to_part=product["id"]
    ).after("Object created successfully:")["work"]
    assert ids(made["owned_by"]) == [me["id"]]
    assert "body" not in made


def test_creating_on_an_unknown_part_names_the_field(mcp):
    status, error = mcp.call(
        "create_work", type="issue", title="Lost", applies_to_part="PROD-999999"
    ).failure("Create object")
    assert (status, error["type"]) == (400, "invalid_id")
    assert error["field_name"] == "applies_to_part"


@pytest.mark.parametrize("spelling", ["id", "display_id"])
def test_a_work_is_read_whole_by_either_id(spelling, mcp, issue):
    asked = issue[spelling]
    answer = mcp.call("get_work", id=asked)
    assert answer.after(f"Object information for '{asked}':") == {"work": issue}


@pytest.mark.parametrize(
    ("id", "status", "kind"), [("ISS-999999", 404, "not_found"), ("no id", 400, "invalid_id")]
)
def test_reading_what_is_not_there_is_reported(id, status, kind, mcp):
    got, error = mcp.call("get_work", id=id).failure("Get object")
    assert (got, error["type"]) == (status, kind)


def test_an_update_of_nothing_changes_nothing(api, mcp, issue):
    update(mcp, issue)
    assert api.get_work(issue["id"]) == issue


@pytest.mark.parametrize("argument", ["title", "body"])
def test_an_updated_text_changes_alone(argument, api, mcp, issue):
    update(mcp, issue, **{argument: "Another text"})
    after = api.get_work(issue["id"])
    assert after[argument] == "Another text"
    assert changes(issue, after) == {argument, "modified_date"}
    assert after["modified_date"] > issue["modified_date"]


def test_an_updated_part_changes_alone(api, mcp, issue):
    elsewhere = api.product("Elsewhere")
    update(mcp, issue, applies_to_part=elsewhere["id"])
    after = api.get_work(issue["id"])
    assert after["applies_to_part"]["id"] == elsewhere["id"]
    assert changes(issue, after) == {"applies_to_part", "modified_date"}


def test_owners_given_as_a_bare_array_replace_the_owners(api, mcp, me, ann, issue):
    assert ids(issue["owned_by"]) == [me["id"]]
    update(mcp, issue, owned_by=[ann["id"]])
    after = api.get_work(issue["id"])
    assert ids(after["owned_by"]) == [ann["id"]]
    assert changes(issue, after) == {"owned_by", "modified_date"}


def test_a_modifier_named_in_the_request_is_ignored(api, mcp, ann, issue):
    update(mcp, issue, modified_by=[ann["id"]])
    assert api.get_work(issue["id"]) == issue


def test_the_modifier_is_the_caller_whoever_the_request_names(api, mcp, me, ann, other, product):
    _, robot, _ = other
    work = robot.work("issue", product, "By a robot")
    update(mcp, work, title="By a person", modified_by=[ann["id"]])
    after = api.get_work(work["id"])
    assert after["modified_by"]["id"] == me["id"]
    assert changes(work, after) == {"title"} | STAMPS


def test_a_stage_given_by_name_moves_the_work_and_dates_follow(api, mcp, issue):
    update(mcp, issue, stage="in_development")
    started = api.get_work(issue["id"])
    assert started["stage"]["name"] == "in_development"
    assert started["stage"]["state"]["name"] == "in_progress"
    assert changes(issue, started) == {"stage", "actual_start_date", "modified_date"}

    update(mcp, issue, stage="completed")
    closed = api.get_work(issue["id"])
    assert closed["stage"]["state"]["name"] == "closed"
    assert changes(started, closed) == {"stage", "actual_close_date", "modified_date"}

    update(mcp, issue, stage="triage")
    reopened = api.get_work(issue["id"])
    assert changes(issue, reopened) == {"modified_date"}


def test_an_unknown_stage_is_refused_with_the_stages_to_choose_from(api, mcp, issue):
    status, error = refused(mcp, issue, stage="half_done", title="Not this either")
    assert (status, error["type"]) == (400, "value_not_permitted")
    assert error["field_name"] == "name"
    assert {"triage", "in_development", "completed"} <= set(error["allowed_values"])
    assert api.get_work(issue["id"]) == issue


def test_a_sprint_is_set_on_an_issue(api, mcp, product, issue):
    sprint = api.sprint(api.board(product, "Board"), "Sprint 1", "active")
    update(mcp, issue, sprint=sprint["id"])
    after = api.get_work(issue["id"])
    assert (after["sprint"]["id"], after["sprint"]["name"]) == (sprint["id"], "Sprint 1")
    assert changes(issue, after) == {"sprint", "modified_date"}


def test_a_sprint_on_a_ticket_is_refused_as_an_unknown_field(api, mcp, product):
    sprint = api.sprint(api.board(product, "Board"), "Sprint 1", "active")
    ticket = api.work("ticket", product, "Invoice is blank")
    status, error = refused(mcp, ticket, sprint=sprint["id"], title="Not this either")
    assert (status, error["type"]) == (400, "invalid_field")
    assert error["field_name"] == "sprint"
    assert api.get_work(ticket["id"]) == ticket


def test_a_work_does_not_change_its_kind(api, mcp, issue):
    status, error = refused(mcp, issue, type="ticket", title="Not this either")
    assert (status, error["type"]) == (400, "value_not_permitted")
    assert (error["field_name"], error["allowed_values"]) == ("type", ["issue"])
    assert api.get_work(issue["id"]) == issue


def test_a_subtype_that_no_schema_knows_is_refused(api, mcp, issue):
    spec = {"drop": False, "subtype": "unheard_of"}
    status, error = refused(mcp, issue, subtype=spec, title="Not this either")
    assert (status, error["type"]) == (400, "customization_validation_error")
    assert error["subtype"] == "fragment_not_found"
    assert api.get_work(issue["id"]) == issue


def test_dropping_the_subtype_of_a_work_that_has_none_changes_nothing(api, mcp, issue):
    update(mcp, issue, subtype={"drop": True})
    assert api.get_work(issue["id"]) == issue


def test_all_arguments_in_one_update_change_all_that_they_name(api, mcp, ann, product, issue):
    elsewhere = api.product("Elsewhere")
    sprint = api.sprint(api.board(product, "Board"), "Sprint 1", "active")
    update(
        mcp,
        issue,
        title="Renamed",
        body="Rewritten",
        applies_to_part=elsewhere["display_id"],
        modified_by=[ann["id"]],
        owned_by=[ann["display_id"]],
        stage="in_review",
        sprint=sprint["id"],
        subtype={"drop": True},
    )
    after = api.get_work(issue["id"])
    assert (after["title"], after["body"]) == ("Renamed", "Rewritten")
    assert after["applies_to_part"]["id"] == elsewhere["id"]
    assert ids(after["owned_by"]) == [ann["id"]]
    assert after["stage"]["name"] == "in_review"
    assert after["sprint"]["id"] == sprint["id"]
    named = {"title", "body", "applies_to_part", "owned_by", "stage", "sprint"}
    assert changes(issue, after) == named | {"actual_start_date", "modified_date"}
