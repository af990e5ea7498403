#!/usr/bin/env python3
"""Calls a server of an earlier version for one of everything that it could keep.

fill.py URL TOKEN OTHER, on what `worksmith demo` and `worksmith import github issues.json` have
made. OTHER is a token without an end, of a member who is no admin. Prints the ids of what was made,
and what the server answered at the end, as JSON.
"""

import json
import sys
import urllib.error
import urllib.request
import uuid

URL, TOKEN, OTHER = sys.argv[1:]
TOKEN_TYPE = "urn:devrev:params:oauth:token-type:"


def call(op, body):
    request = urllib.request.Request(
        f"{URL}/{op}",
        json.dumps(body).encode(),
        {"Authorization": TOKEN, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{op} {body}: {error.code} {error.read().decode()}")
    return json.loads(text) if text else {}


def made(op, body):
    """The one object of an answer."""
    return next(iter(call(op, body).values()))


def upload(prepared, name, content):
    boundary = uuid.uuid4().hex
    parts = [(field["key"], field["value"]) for field in prepared["form_data"]]
    form = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in parts
    )
    form += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{content}\r\n--{boundary}--\r\n"
    )
    request = urllib.request.Request(
        prepared["url"],
        form.encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    urllib.request.urlopen(request).read()


def artifact(name, *versions):
    prepared = call("artifacts.prepare", {"file_name": name})
    upload(prepared, name, versions[0])
    for content in versions[1:]:
        upload(call("artifacts.versions.prepare", {"id": prepared["id"]}), name, content)
    return prepared["id"]


def stages():
    """Stages of one's own, and a diagram of them."""
    parked = made("states.custom.create", {"name": "parked", "ordinal": 7})["id"]
    names = [("found", "open"), ("fixed", "in_progress"), ("on_ice", parked)]
    ids = []
    for name, state in names:
        stage = {"name": name, "ordinal": 10_000, "state": state}
        ids.append(made("stages.custom.create", stage)["id"])
    diagram = [
        {"stage_id": ids[0], "is_start": True, "transitions": [{"target_stage_id": ids[1]}]},
        {"stage_id": ids[1], "transitions": [{"target_stage_id": ids[2]}]},
        {"stage_id": ids[2], "transitions": []},
    ]
    call(
        "stage-diagrams.create",
        {"leaf_type": "issue", "name": "Of old", "subtype": "bug", "stages": diagram},
    )


def customers(world):
    """Accounts and contacts, some of them merged."""
    accounts = [
        made("accounts.create", {"display_name": f"Old account {n}", "external_refs": [f"old-{n}"]})
        for n in (1, 2)
    ]
    org = made("rev-orgs.create", {"account": accounts[0]["id"], "display_name": "Old workspace"})
    contacts = [
        made(
            "rev-users.create",
            {
                "display_name": f"Contact {n}",
                "email": f"contact{n}@old.example",
                "account": accounts[n % 2]["id"],
            },
        )["id"]
        for n in range(1, 4)
    ]
    call(
        "rev-users.associations.add",
        {"rev_user_id": contacts[2], "associations": [{"associated_to": org["id"]}]},
    )
    world["contacts"] = contacts
    world["accounts"] = [account["id"] for account in accounts]
    world["workspace"] = org["id"]


def works(world):
    """An issue with all that an issue could have, a ticket, and one that is deleted."""
    tag = made(
        "tags.create", {"name": "priority-of-old", "allowed_values": ["low", "high"]}
    )["id"]
    gone = made("tags.create", {"name": "gone"})["id"]
    part = made("parts.create", {"type": "product", "name": "Upgraded", "owned_by": ["DEVU-1"]})
    notes = artifact("notes.txt", "Kept since the first version.\n")
    drafts = artifact("drafts.txt", "A first draft.\n", "A second draft.\n")
    base = {"applies_to_part": part["id"], "owned_by": ["DEVU-1"]}
    issue = made(
        "works.create",
        base
        | {
            "type": "issue",
            "title": "An issue of old",
            "body": "With 'quotes', \"more quotes\", a \\ and ünïcode: ☂",
            "tags": [{"id": tag, "value": "high"}, {"id": gone}],
            "artifacts": [notes],
            "priority": "p1",
            "target_close_date": "2031-03-01T00:00:00Z",
        },
    )
    call("works.update", {"id": issue["id"], "title": "An issue of old, renamed"})
    ticket = made(
        "works.create",
        base
        | {
            "type": "ticket",
            "title": "A ticket of old",
            "severity": "high",
            "reported_by": [world["contacts"][1]],
            "rev_org": world["workspace"],
            "artifacts": [drafts],
        },
    )
    deleted = made("works.create", base | {"type": "issue", "title": "Deleted"})
    call("works.delete", {"id": deleted["id"]})
    call("tags.delete", {"id": gone})
    world |= {
        "issue": issue["display_id"],
        "ticket": ticket["display_id"],
        "deleted": deleted["display_id"],
        "tag": tag,
        "notes": notes,
        "drafts": drafts,
    }


def merge(world):
    pairs = [
        ("rev-users.merge", "user", world["contacts"][:2]),
        ("accounts.merge", "account", world["accounts"]),
    ]
    for op, noun, (primary, secondary) in pairs:
        call(op, {f"primary_{noun}": primary, f"secondary_{noun}": secondary})


def programs(world):
    """A service account with a token."""
    robot = made("service-accounts.create", {"display_name": "Robot of old"})["id"]
    # No test uses it: the longest that it may last is five years.
    wish = {"requested_token_type": TOKEN_TYPE + "aat", "act_as": robot, "expires_in": 1825}
    call("auth-tokens.create", wish)
    world["robot"] = robot


FAMILIES = [
    "works", "parts", "tags", "accounts", "rev-users", "dev-users", "rev-orgs", "groups", "vistas",
    "stages.custom", "states.custom", "stage-diagrams",
]


def ask(op, body):
    return {"op": op, "body": body, "answer": call(op, body)}


def answers(world):
    """What a later version has to answer to the same calls: of lists the ids and their order."""
    asked = []
    for family in FAMILIES:
        listed = ask(f"{family}.list", {"limit": 100})
        name, objects = next(
            (name, value) for name, value in listed["answer"].items() if isinstance(value, list)
        )
        listed["answer"] = {name: [{"id": each["id"]} for each in objects]}
        asked.append(listed)
        asked += [ask(f"{family}.get", {"id": each["id"]}) for each in objects]
    boards = call("vistas.list", {})["vistas"]
    for board in boards:
        asked.append(ask("vistas.groups.list", {"parent_id": [board["id"]]}))
    for group in call("groups.list", {})["groups"]:
        asked.append(ask("groups.members.list", {"group": group["id"]}))
    for contact in world["contacts"]:
        asked.append(ask("rev-users.associations.list", {"rev_user_id": contact}))
        asked.append(ask("rev-users.get", {"id": contact}))
    for account in world["accounts"]:
        asked.append(ask("accounts.get", {"id": account}))
    asked += [
        ask("works.count", {}),
        ask("works.count", {"type": ["ticket"]}),
        ask("artifacts.get", {"id": world["notes"]}),
        ask("artifacts.get", {"id": world["drafts"]}),
        ask("artifacts.list", {"parent_id": world["issue"]}),
        ask("service-accounts.get", {"id": world["robot"]}),
        ask("auth-tokens.list", {"requested_token_type": TOKEN_TYPE + "pat"}),
        ask("sys-users.list", {}),
        ask("dev-users.self", {}),
        ask("dev-orgs.get", {}),
    ]
    return asked


def main():
    world = {"token": OTHER}
    stages()
    customers(world)
    works(world)
    merge(world)
    programs(world)
    world["asked"] = answers(world)
    print(json.dumps(world, ensure_ascii=False, sort_keys=True))


main()
