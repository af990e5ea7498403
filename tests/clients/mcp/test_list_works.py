"""list_works: every filter gives exactly the matching works, in the order and page asked for."""

from dataclasses import dataclass

import pytest

BOTH = ["issue", "ticket"]
PAGE_SIZE = 50
LEAD = "Works listed successfully:"
SORTABLE = [
    "target_start_date",
    "target_close_date",
    "actual_start_date",
    "actual_close_date",
    "created_date",
]


@dataclass(frozen=True)
class Crowd:
    """Six works on two products, and the ids that the filters name."""

    works: dict[str, dict]
    names: dict[str, str]

    def range(self, first: str, last: str, date: str) -> dict:
        return {"after": self.works[first][date], "before": self.works[last][date]}


@pytest.fixture(scope="module")
def crowd(api, me, other) -> Crowd:
    robot_account, robot, _ = other
    here, there = api.product("Here"), api.product("There")
    ann, ben = api.user("Ann"), api.user("Ben")
    acme, globex = api.workspace("Acme"), api.workspace("Globex")
    board = api.board(here, "Board")
    now, next_ = api.sprint(board, "Now", "active"), api.sprint(board, "Next", "planned")

    works = [
        api.work("issue", here, "waiting", owned_by=[ann["id"]], sprint=now["id"],
                 target_close_date="2031-03-01T00:00:00Z",
                 target_start_date="2031-02-01T00:00:00Z"),
        robot.work("issue", here, "running", owned_by=[ben["id"]],
                   target_close_date="2031-03-02T00:00:00Z",
                   target_start_date="2031-02-02T00:00:00Z"),
        api.work("issue", there, "finished", owned_by=[ann["id"], ben["id"]],
                 sprint=next_["id"]),
        api.work("ticket", here, "asked", owned_by=[ann["id"]], rev_org=acme["id"]),
        robot.work("ticket", here, "solved", owned_by=[ben["id"]], rev_org=globex["id"],
                   target_close_date="2031-05-01T00:00:00Z"),
        api.work("ticket", there, "noticed", owned_by=[me["id"]]),
    ]
    _, running, finished, _, solved, noticed = works
    robot.update_work(running, stage={"name": "in_development"})
    api.update_work(finished, stage={"name": "in_development"})
    api.update_work(finished, stage={"name": "completed"})
    robot.update_work(solved, stage={"name": "resolved"})
    robot.update_work(noticed, body="Touched by a robot")

    names = {"here": here, "there": there, "ann": ann, "ben": ben, "me": me, "now": now,
             "next": next_, "acme": acme, "globex": globex, "robot": robot_account}
    return Crowd(
        {work["title"]: api.get_work(work["id"]) for work in works},
        {name: thing["id"] for name, thing in names.items()},
    )


def listed(mcp, crowd: Crowd, **arguments) -> set[str]:
    """Titles of the crowd that the filter lets through; its two products fence others out."""
    fence = {"applies_to_part": [crowd.names["here"], crowd.names["there"]]}
    page = mcp.call("list_works", **(fence | arguments)).after(LEAD)
    assert "next_cursor" not in page
    for work in page["works"]:
        assert work == crowd.works[work["title"]]
    titles = [work["title"] for work in page["works"]]
    assert len(titles) == len(set(titles))
    return set(titles)


ISSUES = {"waiting", "running", "finished"}
TICKETS = {"asked", "solved", "noticed"}


@pytest.mark.parametrize(
    ("kinds", "matching"),
    [(["issue"], ISSUES), (["ticket"], TICKETS), (BOTH, ISSUES | TICKETS)],
)
def test_a_list_holds_the_kinds_asked_for(kinds, matching, mcp, crowd):
    assert listed(mcp, crowd, type=kinds) == matching


@pytest.mark.parametrize(
    ("argument", "names", "matching"),
    [
        ("applies_to_part", ["here"], {"waiting", "running", "asked", "solved"}),
        ("applies_to_part", ["there"], {"finished", "noticed"}),
        ("created_by", ["robot"], {"running", "solved"}),
        ("created_by", ["me"], {"waiting", "finished", "asked", "noticed"}),
        ("created_by", ["robot", "me"], ISSUES | TICKETS),
        ("modified_by", ["robot"], {"running", "solved", "noticed"}),
        ("modified_by", ["me"], {"waiting", "finished", "asked"}),
        ("owned_by", ["ann"], {"waiting", "finished", "asked"}),
        ("owned_by", ["ann", "ben"], (ISSUES | TICKETS) - {"noticed"}),
        ("sprint", ["now"], {"waiting"} | TICKETS),
        ("sprint", ["now", "next"], {"waiting", "finished"} | TICKETS),
        ("rev_orgs", ["acme"], {"asked"}),
        ("rev_orgs", ["acme", "globex"], {"asked", "solved"}),
    ],
)
def test_a_list_by_ids_holds_exactly_the_works_that_have_one(
    argument, names, matching, mcp, crowd
):
    ids = [crowd.names[name] for name in names]
    assert listed(mcp, crowd, type=BOTH, **{argument: ids}) == matching


def test_a_sprint_alone_gives_its_issues_when_issues_are_asked_for(mcp, crowd):
    assert listed(mcp, crowd, type=["issue"], sprint=[crowd.names["next"]]) == {"finished"}


def test_a_block_for_issues_does_not_bind_tickets(mcp, crowd):
    ids = [crowd.names["now"]]
    assert listed(mcp, crowd, type=["ticket"], sprint=ids) == TICKETS


@pytest.mark.parametrize(
    ("states", "matching"),
    [
        (["open"], {"waiting", "asked", "noticed"}),
        (["in_progress"], {"running"}),
        (["closed"], {"finished", "solved"}),
        (["open", "closed"], {"waiting", "finished", "asked", "solved", "noticed"}),
    ],
)
def test_a_list_by_state_holds_exactly_the_works_in_it(states, matching, mcp, crowd):
    assert listed(mcp, crowd, type=BOTH, state=states) == matching


@pytest.mark.parametrize(
    ("date", "first", "last", "matching"),
    [
        ("created_date", "running", "asked", {"running", "finished", "asked"}),
        ("created_date", "solved", "solved", {"solved"}),
        ("modified_date", "running", "solved", {"running", "finished", "solved"}),
        ("modified_date", "noticed", "noticed", {"noticed"}),
        ("target_close_date", "waiting", "running", {"waiting", "running"}),
        ("target_close_date", "running", "solved", {"running", "solved"}),
        ("actual_close_date", "finished", "solved", {"finished", "solved"}),
        ("actual_close_date", "finished", "finished", {"finished"}),
        ("target_start_date", "waiting", "waiting", {"waiting"} | TICKETS),
        ("target_start_date", "waiting", "running", {"waiting", "running"} | TICKETS),
        ("actual_start_date", "running", "running", {"running"} | TICKETS),
        ("actual_start_date", "running", "finished", {"running", "finished"} | TICKETS),
    ],
)
def test_a_list_by_date_includes_both_ends_and_nothing_else(
    date, first, last, matching, mcp, crowd
):
    arguments = {date: crowd.range(first, last, date)}
    assert listed(mcp, crowd, type=BOTH, **arguments) == matching


def test_no_issue_is_under_an_sla_yet_so_the_sla_filter_leaves_tickets_only(mcp, crowd):
    span = {"after": "2020-01-01T00:00:00Z", "before": "2040-01-01T00:00:00Z"}
    assert listed(mcp, crowd, type=["issue"], sla_summary=span) == set()
    assert listed(mcp, crowd, type=BOTH, sla_summary=span) == TICKETS


def test_a_subtype_that_no_work_has_leaves_none(mcp, crowd):
    assert listed(mcp, crowd, type=BOTH, subtype=["unheard_of"]) == set()


def test_filters_narrow_each_other(mcp, crowd):
    ann = [crowd.names["ann"]]
    assert listed(mcp, crowd, type=BOTH, owned_by=ann, state=["open"]) == {"waiting", "asked"}
    assert listed(mcp, crowd, type=["issue"], owned_by=ann, state=["in_progress"]) == set()


def test_a_custom_field_that_no_schema_knows_is_refused(mcp):
    status, error = mcp.call(
        "list_works", type=["issue"], custom_fields=[{"name": "unheard_of", "value": ["12"]}]
    ).failure("List works")
    assert (status, error["type"]) == (400, "customization_validation_error")
    assert (error["subtype"], error["field_name"]) == ("field_not_in_schema", "tnt__unheard_of")


@pytest.fixture(scope="module")
def dated(api) -> dict:
    """Three issues with all their dates, no two dates in the same order."""
    part = api.product("Dated")
    targets = [("2031-02-02", "2031-03-03"), ("2031-02-03", "2031-03-01"),
               ("2031-02-01", "2031-03-02")]
    works = [
        api.work("issue", part, f"dated {n}", target_start_date=f"{start}T00:00:00Z",
                 target_close_date=f"{close}T00:00:00Z")
        for n, (start, close) in enumerate(targets)
    ]
    for n in (1, 0, 2):
        api.update_work(works[n], stage={"name": "in_development"})
    for n in (2, 1, 0):
        api.update_work(works[n], stage={"name": "completed"})
    return {"part": part["id"], "works": [api.get_work(work["id"]) for work in works]}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("date", SORTABLE)
def test_a_list_is_in_the_order_asked_for(date, direction, mcp, dated):
    page = mcp.call(
        "list_works",
        type=["issue"],
        applies_to_part=[dated["part"]],
        sort_by=[f"{date}:{direction}"],
    ).after(LEAD)
    expected = sorted(dated["works"], key=lambda work: work[date], reverse=direction == "desc")
    assert len({work[date] for work in expected}) == 3
    assert page["works"] == expected


def test_pages_lead_on_and_back_without_gap_or_overlap(api, mcp, product):
    for n in range(PAGE_SIZE + 5):
        api.work("issue", product, f"one of many {n}")
    query = {"type": ["issue"], "applies_to_part": [product["id"]]}
    whole = api.post("works.list", query | {"limit": 100})["works"]
    assert len(whole) == PAGE_SIZE + 5

    first = mcp.call("list_works", **query).after(LEAD)
    assert first["works"] == whole[:PAGE_SIZE]
    assert "prev_cursor" not in first
    onward = {"next_cursor": first["next_cursor"], "mode": "after"}
    second = mcp.call("list_works", **query, cursor=onward).after(LEAD)
    assert second["works"] == whole[PAGE_SIZE:]
    assert "next_cursor" not in second
    backward = {"next_cursor": second["prev_cursor"], "mode": "before"}
    assert mcp.call("list_works", **query, cursor=backward).after(LEAD)["works"] == first["works"]

    other_query = query | {"state": ["open"], "cursor": onward}
    status, error = mcp.call("list_works", **other_query).failure("List works")
    assert (status, error["type"], error["field_name"]) == (400, "invalid_field", "cursor")
