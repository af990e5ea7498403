"""Every argument of every tool, and the requests that it must put on the wire."""

from dataclasses import dataclass, field

FROM, TO = "2031-01-01T00:00:00Z", "2031-02-01T00:00:00Z"
BOUNDS = {"after": FROM, "before": TO}
TYPED = {"type": "range", "after": FROM, "before": TO}
PAGE = {"next_cursor": "c1", "mode": "before"}
SPEC = {"tenant_fragment": True, "validate_required_fields": True}


@dataclass(frozen=True)
class Case:
    name: str
    tool: str
    arguments: dict
    requests: list[tuple[str, dict]]
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def one(name: str, tool: str, arguments: dict, path: str, body: dict, status: int = 200) -> Case:
    return Case(name, tool, arguments, [(path, body)], {path: (status, {})})


def _update(name: str, arguments: dict, sent: dict) -> Case:
    both = {"id": "ISS-1", "type": "issue"}
    return one(f"update {name}", "update_work", both | arguments, "/works.update", both | sent)


def _list(name: str, arguments: dict, sent: dict, kinds: tuple[str, ...] = ("issue",)) -> Case:
    kind = {"type": list(kinds)}
    return one(f"list {name}", "list_works", kind | arguments, "/works.list", kind | sent)


def _part_list(name: str, arguments: dict, sent: dict) -> Case:
    kind = {"type": "enhancement"}
    return one(f"list parts {name}", "list_parts", kind | arguments, "/parts.list", kind | sent)


def _meetings(name: str, arguments: dict, sent: dict) -> Case:
    return one(f"meetings {name}", "list_meetings", arguments, "/meetings.list", sent)


READS = [
    one("current user", "get_current_user", {}, "/dev-users.self", {}),
    one("vista by its /internal/ path", "get_vista", {"id": "VISTA-1"}, "/internal/vistas.get",
        {"id": "VISTA-1"}),
    one("search", "search", {"query": "cache", "namespace": "issue"}, "/search.hybrid",
        {"query": "cache", "namespace": "issue"}),
    one("work", "get_work", {"id": "ISS-1"}, "/works.get", {"id": "ISS-1"}),
    one("part", "get_part", {"id": "ENH-1"}, "/parts.get", {"id": "ENH-1"}),
    one("active sprints unless told", "get_sprints", {"ancestor_part_id": "PROD-1"},
        "/vistas.groups.list",
        {"group_object_type": ["work"], "ancestor_part": ["PROD-1"], "state": ["active"]}),
    one("planned sprints", "get_sprints", {"ancestor_part_id": "PROD-1", "state": "planned"},
        "/vistas.groups.list",
        {"group_object_type": ["work"], "ancestor_part": ["PROD-1"], "state": ["planned"]}),
    one("subtypes", "list_subtypes", {"leaf_type": "ticket"}, "/schemas.subtypes.list",
        {"leaf_type": "ticket"}),
]

CREATIONS = [
    one("create a work with the least", "create_work",
        {"type": "issue", "title": "T", "applies_to_part": "PROD-1"}, "/works.create",
        {"type": "issue", "title": "T", "body": "", "applies_to_part": "PROD-1", "owned_by": []},
        201),
    one("create a work with everything", "create_work",
        {"type": "ticket", "title": "T", "body": "B", "applies_to_part": "PROD-1",
         "owned_by": ["DEVU-1"]}, "/works.create",
        {"type": "ticket", "title": "T", "body": "B", "applies_to_part": "PROD-1",
         "owned_by": ["DEVU-1"]}, 201),
    one("create a part", "create_part",
        {"type": "enhancement", "name": "N", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
         "description": "D"}, "/parts.create",
        {"type": "enhancement", "name": "N", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
         "description": "D"}, 201),
    one("comment", "add_timeline_entry", {"id": "ISS-1", "timeline_entry": "done"},
        "/timeline-entries.create",
        {"type": "timeline_comment", "object": "ISS-1", "body": "done"}, 201),
]

UPDATES = [
    _update("nothing", {}, {}),
    _update("title", {"title": "T"}, {"title": "T"}),
    _update("body", {"body": "B"}, {"body": "B"}),
    _update("an empty body is left out", {"body": ""}, {}),
    _update("part", {"applies_to_part": "PROD-2"}, {"applies_to_part": "PROD-2"}),
    _update("owners as a bare array", {"owned_by": ["DEVU-2"]}, {"owned_by": ["DEVU-2"]}),
    _update("no owners is left out", {"owned_by": []}, {}),
    _update("modifier", {"modified_by": ["DEVU-2"]}, {"modified_by": ["DEVU-2"]}),
    _update("stage by name", {"stage": "in_review"}, {"stage": {"name": "in_review"}}),
    _update("sprint", {"sprint": "don:s"}, {"sprint": "don:s"}),
    _update("subtype", {"subtype": {"drop": False, "subtype": "bug"}},
            {"custom_schema_spec": SPEC | {"subtype": "bug"}}),
    _update("drop the subtype", {"subtype": {"drop": True}},
            {"custom_schema_spec": SPEC | {"drop": {"subtype": True}}}),
    one("update a part", "update_part",
        {"type": "enhancement", "id": "ENH-1", "name": "N", "owned_by": ["DEVU-2"],
         "description": "D", "target_close_date": TO, "target_start_date": FROM,
         "stage": "don:stage"}, "/parts.update",
        {"type": "enhancement", "id": "ENH-1", "name": "N", "owned_by": ["DEVU-2"],
         "description": "D", "target_close_date": TO, "target_start_date": FROM,
         "stage_v2": "don:stage"}),
]

BOTH = ("issue", "ticket")
LISTS = [
    _list("works of a kind", {}, {}),
    _list("a page", {"cursor": PAGE}, {"cursor": "c1", "mode": "before"}),
    *[_list(name, {name: ["X-1", "X-2"]}, {name: ["X-1", "X-2"]})
      for name in ("applies_to_part", "created_by", "owned_by", "modified_by")],
    _list("states", {"state": ["open", "in_progress"]}, {"state": ["open", "in_progress"]}),
    _list("sorted", {"sort_by": ["created_date:asc"]}, {"sort_by": ["created_date:asc"]}),
    *[_list(name, {name: BOUNDS}, {name: TYPED})
      for name in ("target_close_date", "actual_close_date", "created_date", "modified_date")],
    *[_list(f"{name} within the issue block", {name: BOUNDS}, {"issue": {name: TYPED}})
      for name in ("target_start_date", "actual_start_date")],
    _list("start date of tickets is dropped", {"target_start_date": BOUNDS}, {}, ("ticket",)),
    _list("sla", {"sla_summary": BOUNDS}, {"issue": {"sla_summary": {"target_time": TYPED}}}),
    _list("sla puts an issue block beside tickets", {"sla_summary": BOUNDS},
          {"issue": {"sla_summary": {"target_time": TYPED}}}, ("ticket",)),
    _list("sprint", {"sprint": ["don:s"]}, {"issue": {"sprint": ["don:s"]}}),
    _list("workspaces in each kind's spelling", {"rev_orgs": ["REV-1"]},
          {"issue": {"rev_orgs": ["REV-1"]}, "ticket": {"rev_org": ["REV-1"]}}, BOTH),
    _list("subtype in each block", {"subtype": ["bug"]},
          {"issue": {"subtype": ["bug"]}, "ticket": {"subtype": ["bug"]}}, BOTH),
    _list("custom fields of the tenant",
          {"custom_fields": [{"name": "cost", "value": ["1", "2"]}]},
          {"custom_fields": {"tnt__cost": ["1", "2"]}}),
    _part_list("of a kind as a scalar", {}, {}),
    _part_list("a page", {"cursor": PAGE}, {"cursor": "c1", "mode": "before"}),
    *[_part_list(name, {name: ["X-1"]}, {name: ["X-1"]})
      for name in ("owned_by", "created_by", "modified_by")],
    _part_list("below a parent", {"parent_part": ["PROD-1"]},
               {"parent_part": {"parts": ["PROD-1"]}}),
    _part_list("sorted", {"sort_by": ["created_date:asc"]}, {"sort_by": ["created_date:asc"]}),
    _part_list("accounts", {"accounts": ["ACC-1"]}, {"enhancement": {"accounts": ["ACC-1"]}}),
    *[_part_list(f"{name} untyped", {name: BOUNDS}, {"enhancement": {name: BOUNDS}})
      for name in ("target_close_date", "target_start_date", "actual_close_date",
                   "actual_start_date")],
    _meetings("all", {}, {}),
    *[_meetings(name, {name: BOUNDS}, {name: TYPED})
      for name in ("created_date", "ended_date", "modified_date", "scheduled_date")],
    *[_meetings(name, {name: ["X-1"]}, {name: ["X-1"]})
      for name in ("created_by", "external_ref", "members", "organizer")],
    _meetings("by channel, state, order and size",
              {"channel": ["zoom"], "state": ["completed"], "limit": 5,
               "sort_by": ["created_date:asc"]},
              {"channel": ["zoom"], "state": ["completed"], "limit": 5,
               "sort_by": ["created_date:asc"]}),
    _meetings("a page", {"cursor": PAGE}, {"cursor": "c1", "mode": "before"}),
]

DIAGRAM = {"stages": [
    {"stage": {"id": "don:other"}, "transitions": []},
    {"stage": {"id": "don:now"}, "transitions": [{"target_stage": {"id": "don:other"}}]},
]}
SCHEMA = {"schema": {"stage_diagram_id": {"id": "don:diagram"}}}


def _transitions(name: str, kind: str, read: tuple[str, dict], spec: dict) -> Case:
    path, answer = read
    return Case(
        f"transitions of {name}",
        "valid_stage_transition",
        {"type": kind, "id": "X-1"},
        [
            (path, {"id": "X-1"}),
            ("/schemas.aggregated.get", {"leaf_type": kind} | spec),
            ("/stage-diagrams.get", {"id": "don:diagram"}),
        ],
        {
            path: (200, answer),
            "/schemas.aggregated.get": (200, SCHEMA),
            "/stage-diagrams.get": (200, {"stage_diagram": DIAGRAM}),
        },
    )


NOW = {"stage": {"id": "don:now"}}
TRANSITIONS = [
    _transitions("an issue", "issue",
                 ("/works.get", {"work": {"type": "issue", "stage": NOW}}), {}),
    _transitions("a ticket of a subtype", "ticket",
                 ("/works.get", {"work": {"type": "ticket", "stage": NOW, "subtype": "bug"}}),
                 {"custom_schema_spec": {"subtype": "bug"}}),
    _transitions("an enhancement", "enhancement",
                 ("/parts.get", {"part": {"type": "enhancement", "stage_v2": NOW}}), {}),
]

CASES = READS + CREATIONS + UPDATES + LISTS + TRANSITIONS
