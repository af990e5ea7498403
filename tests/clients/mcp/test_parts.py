"""get_part, create_part, update_part and list_parts against a real store."""

import pytest

PAGE_SIZE = 50
LEAD = "Parts listed successfully:"
SORTABLE = [
    "target_close_date",
    "target_start_date",
    "actual_close_date",
    "actual_start_date",
    "created_date",
    "modified_date",
]


@pytest.fixture
def enhancement(api, product) -> dict:
    return api.enhancement(product, "Faster cache", description="Twice as fast")


def changes(before: dict, after: dict) -> set[str]:
    names = before.keys() | after.keys()
    return {name for name in names if before.get(name) != after.get(name)}


def update(mcp, part: dict, **arguments) -> None:
    answer = mcp.call("update_part", id=part["id"], type="enhancement", **arguments)
    assert answer.text == f"Part updated successfully: {part['id']}"


def test_a_created_part_holds_what_was_asked_and_hangs_below_its_parent(api, mcp, me, product):
    made = mcp.call(
        "create_part",
        type="enhancement",
        name="Faster cache",
        description="Twice as fast",
        owned_by=[me["display_id"]],
        parent_part=[product["display_id"]],
    ).after("Part created successfully:")["part"]
    assert (made["type"], made["name"]) == ("enhancement", "Faster cache")
    assert made["description"] == "Twice as fast"
    assert [owner["id"] for owner in made["owned_by"]] == [me["id"]]
    assert api.get_part(made["id"]) == made
    below = api.post("parts.list", {"parent_part": {"parts": [product["id"]], "level": 1}})
    assert below["parts"] == [made]


def test_a_part_below_two_parents_is_refused(api, mcp, me, product):
    elsewhere = api.product("Elsewhere")
    status, error = mcp.call(
        "create_part",
        type="enhancement",
        name="Torn",
        owned_by=[me["id"]],
        parent_part=[product["id"], elsewhere["id"]],
    ).failure("Create part")
    assert (status, error["type"]) == (400, "value_not_permitted")
    assert error["field_name"] == "parent_part"


@pytest.mark.parametrize("spelling", ["id", "display_id"])
def test_a_part_is_read_whole_by_either_id(spelling, mcp, enhancement):
    asked = enhancement[spelling]
    answer = mcp.call("get_part", id=asked)
    assert answer.after(f"Part information for '{asked}':") == {"part": enhancement}


def test_a_product_is_read_as_well_as_an_enhancement(mcp, product):
    answer = mcp.call("get_part", id=product["id"])
    assert answer.after(f"Part information for '{product['id']}':") == {"part": product}


def test_reading_a_part_that_is_not_there_is_reported(mcp):
    status, error = mcp.call("get_part", id="ENH-999999").failure("Get part")
    assert (status, error["type"]) == (404, "not_found")


def test_an_update_of_nothing_changes_nothing(api, mcp, enhancement):
    update(mcp, enhancement)
    assert api.get_part(enhancement["id"]) == enhancement


@pytest.mark.parametrize(
    ("argument", "given", "stored"),
    [
        ("name", "Slower cache", "Slower cache"),
        ("description", "Half as fast", "Half as fast"),
        ("target_close_date", "2031-03-01T00:00:00Z", "2031-03-01T00:00:00.000Z"),
        ("target_start_date", "2031-02-01T02:00:00+02:00", "2031-02-01T00:00:00.000Z"),
    ],
)
def test_an_updated_member_changes_alone(argument, given, stored, api, mcp, enhancement):
    update(mcp, enhancement, **{argument: given})
    after = api.get_part(enhancement["id"])
    assert after[argument] == stored
    assert changes(enhancement, after) == {argument, "modified_date"}


def test_owners_given_as_a_bare_array_replace_the_owners(api, mcp, enhancement):
    ann = api.user("Ann")
    update(mcp, enhancement, owned_by=[ann["id"]])
    after = api.get_part(enhancement["id"])
    assert [owner["id"] for owner in after["owned_by"]] == [ann["id"]]
    assert changes(enhancement, after) == {"owned_by", "modified_date"}


def test_a_stage_given_by_id_moves_the_part_and_its_start_is_dated(api, mcp, enhancement):
    stage = api.stage_id("enhancement", "in_development")
    assert enhancement["stage_v2"]["stage"]["name"] == "ideation"
    update(mcp, enhancement, stage=stage)
    after = api.get_part(enhancement["id"])
    assert after["stage_v2"]["stage"]["id"] == stage
    assert after["stage_v2"]["stage"]["name"] == "in_development"
    assert after["stage_v2"]["state"]["name"] == "in_progress"
    moved = changes(enhancement, after) - {"state_v2"}
    assert moved == {"stage_v2", "actual_start_date", "modified_date"}


def test_a_stage_of_another_kind_of_object_is_refused(api, mcp, enhancement):
    foreign = api.stage_id("issue", "triage")
    status, error = mcp.call(
        "update_part", id=enhancement["id"], type="enhancement", stage=foreign, name="Not this"
    ).failure("Update part")
    assert (status, error["type"]) == (400, "value_not_permitted")
    assert error["field_name"] == "stage_v2"
    assert api.get_part(enhancement["id"]) == enhancement


@pytest.fixture(scope="module")
def grove(api, other) -> dict:
    """Four enhancements below two products, one of them below another enhancement."""
    _, robot, _ = other
    oak, elm, ann = api.product("Oak"), api.product("Elm"), api.user("Ann")
    branch = api.enhancement(
        oak, "branch", owned_by=[ann["id"]],
        target_start_date="2031-02-02T00:00:00Z", target_close_date="2031-03-03T00:00:00Z",
    )
    twig = robot.enhancement(
        branch, "twig", owned_by=[ann["id"]],
        target_start_date="2031-02-03T00:00:00Z", target_close_date="2031-03-01T00:00:00Z",
    )
    bark = api.enhancement(
        elm, "bark",
        target_start_date="2031-02-01T00:00:00Z", target_close_date="2031-03-02T00:00:00Z",
    )
    root = api.enhancement(elm, "root")
    stages = {name: api.stage_id("enhancement", name)
              for name in ("in_development", "general_availability")}
    for part, actor in ((twig, api), (branch, api), (bark, robot)):
        actor.update_part(part, stage_v2=stages["in_development"])
    for part, actor in ((bark, robot), (twig, api), (branch, api)):
        actor.update_part(part, stage_v2=stages["general_availability"])
    parts = {part["name"]: api.get_part(part["id"]) for part in (branch, twig, bark, root)}
    return {"parts": parts, "oak": oak["id"], "elm": elm["id"], "ann": ann["id"]}


def listed(mcp, grove: dict, **arguments) -> set[str]:
    fence = {"type": "enhancement", "parent_part": [grove["oak"], grove["elm"]]}
    page = mcp.call("list_parts", **(fence | arguments)).after(LEAD)
    names = [part["name"] for part in page["parts"]]
    assert len(names) == len(set(names))
    for part in page["parts"]:
        assert part == grove["parts"][part["name"]]
    return set(names)


def test_a_parent_stands_for_all_that_is_below_it_and_not_for_itself(mcp, grove):
    assert listed(mcp, grove) == {"branch", "twig", "bark", "root"}
    assert listed(mcp, grove, parent_part=[grove["oak"]]) == {"branch", "twig"}
    branch = grove["parts"]["branch"]["display_id"]
    assert listed(mcp, grove, parent_part=[branch]) == {"twig"}


def test_a_list_by_owner_holds_exactly_its_parts(mcp, grove, me):
    assert listed(mcp, grove, owned_by=[grove["ann"]]) == {"branch", "twig"}
    everybody = [grove["ann"], me["id"]]
    # "root" and "bark" belong to the account that made them, which is the caller.
    assert listed(mcp, grove, owned_by=everybody) == {"branch", "twig", "bark", "root"}


def test_a_list_by_creator_or_modifier_holds_exactly_its_parts(mcp, grove, other):
    robot = [other[0]["id"]]
    assert listed(mcp, grove, created_by=robot) == {"twig"}
    assert listed(mcp, grove, modified_by=robot) == {"bark"}


@pytest.mark.parametrize(
    ("date", "first", "last", "matching"),
    [
        ("target_start_date", "bark", "branch", {"bark", "branch"}),
        ("target_start_date", "twig", "twig", {"twig"}),
        ("target_close_date", "bark", "branch", {"bark", "branch"}),
        ("target_close_date", "twig", "bark", {"twig", "bark"}),
        ("actual_start_date", "twig", "branch", {"twig", "branch"}),
        ("actual_start_date", "bark", "bark", {"bark"}),
        ("actual_close_date", "bark", "twig", {"bark", "twig"}),
        ("actual_close_date", "branch", "branch", {"branch"}),
    ],
)
def test_a_list_by_untyped_date_range_includes_both_ends_and_nothing_else(
    date, first, last, matching, mcp, grove
):
    span = {"after": grove["parts"][first][date], "before": grove["parts"][last][date]}
    assert listed(mcp, grove, **{date: span}) == matching


def test_a_list_by_account_leaves_parts_without_that_account_out(api, mcp, grove):
    account = api.post("accounts.create", {"display_name": "Nobody's"}, 201)["account"]
    assert listed(mcp, grove, accounts=[account["id"]]) == set()


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("date", SORTABLE)
def test_a_list_is_in_the_order_asked_for(date, direction, mcp, grove):
    page = mcp.call(
        "list_parts",
        type="enhancement",
        parent_part=[grove["oak"], grove["elm"]],
        sort_by=[f"{date}:{direction}"],
    ).after(LEAD)
    having = [part for part in grove["parts"].values() if date in part]
    assert len({part[date] for part in having}) == len(having) >= 3
    expected = sorted(having, key=lambda part: part[date], reverse=direction == "desc")
    assert [part for part in page["parts"] if date in part] == expected
    assert len(page["parts"]) == len(grove["parts"])


def test_pages_lead_on_and_back_without_gap_or_overlap(api, mcp, product):
    for n in range(PAGE_SIZE + 5):
        api.enhancement(product, f"one of many {n}")
    query = {"type": "enhancement", "parent_part": [product["id"]]}
    asked = {"type": ["enhancement"], "parent_part": {"parts": [product["id"]]}, "limit": 100}
    whole = api.post("parts.list", asked)["parts"]
    assert len(whole) == PAGE_SIZE + 5

    first = mcp.call("list_parts", **query).after(LEAD)
    assert first["parts"] == whole[:PAGE_SIZE]
    assert "prev_cursor" not in first
    onward = {"next_cursor": first["next_cursor"], "mode": "after"}
    second = mcp.call("list_parts", **query, cursor=onward).after(LEAD)
    assert second["parts"] == whole[PAGE_SIZE:]
    assert "next_cursor" not in second
    backward = {"next_cursor": second["prev_cursor"], "mode": "before"}
    assert mcp.call("list_parts", **query, cursor=backward).after(LEAD)["parts"] == first["parts"]
