"""What a file of GitHub issues says, counted without any of Worksmith's code.

Prints, for the issues of the file (pull requests left out), a JSON object: `items`, what is known
of each by its page; and `sets`, the pages by tag, owner, author, state and month of creation.
"""

import collections
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    issues = [item for item in json.load(file) if "pull_request" not in item]

items = {}
sets = collections.defaultdict(list)
for issue in issues:
    page = issue["html_url"]
    owners = sorted(str(person["id"]) for person in issue["assignees"])
    tags = sorted({label["name"] for label in issue["labels"]})
    items[page] = {
        "title": issue["title"],
        "body": issue["body"] or "",
        "author": str(issue["user"]["id"]),
        "owners": owners,
        "tags": tags,
        "state": issue["state"],
        "created": issue["created_at"],
        "updated": issue["updated_at"],
        "closed": issue["closed_at"],
        "milestone": (issue["milestone"] or {}).get("title"),
    }
    for tag in tags:
        sets["tag " + tag].append(page)
    for owner in owners or ["nobody"]:
        sets["owner " + owner].append(page)
    sets["author " + str(issue["user"]["id"])].append(page)
    sets["state " + issue["state"]].append(page)
    sets["created " + issue["created_at"][:7]].append(page)
    if issue["closed_at"]:
        sets["closed " + issue["closed_at"][:7]].append(page)

assert len(items) == len(issues), "a page comes twice"
sets = {name: sorted(pages) for name, pages in sets.items()}
json.dump({"items": items, "sets": sets}, sys.stdout)
