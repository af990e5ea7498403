"""The REST API called directly: sets the scene for the MCP server and reads back what it did.

Three things have no operation in the published contract, or several readings of it; each is said
in exactly one function here: a board and its sprints (our extension), and a second actor's token.
"""

import itertools
import time
from pathlib import Path

import requests

from name_mapping import HOST

# Works made one after another must not share a millisecond where a test ranges over their dates.
TICK_S = 0.003
TOKEN_ISSUE = "urn:devrev:params:oauth:grant-type:token-issue"
PAT_ACT_AS = "urn:devrev:params:oauth:token-type:pat:act-as"


class Api:
    _numbers = itertools.count(1)

    def __init__(self, token: str, ca: Path, proxy: str | None) -> None:
        self._settings = (ca, proxy)
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(ca)
        self._http.proxies = {"https": proxy} if proxy else {}
        self._http.headers["Authorization"] = f"Bearer {token}"

    def post(self, operation: str, body: dict, status: int = 200) -> dict:
        answer = self._http.post(f"https://{HOST}/{operation}", json=body, timeout=30)
        assert answer.status_code == status, f"{operation}: {answer.status_code} {answer.text}"
        return answer.json()

    def me(self) -> dict:
        return self.post("dev-users.self", {})["dev_user"]

    def actor_id(self) -> str:
        """Whoever the token stands for, who need not be a dev user."""
        return self.post("auth-tokens.info", {})["user"]["id"]

    def user(self, name: str) -> dict:
        email = f"{name}-{next(self._numbers)}@example.org"
        body = {"email": email, "full_name": name, "state": "shadow"}
        return self.post("dev-users.create", body, 201)["dev_user"]

    def product(self, name: str) -> dict:
        body = {"type": "product", "name": name, "owned_by": [self.actor_id()]}
        return self.post("parts.create", body, 201)["part"]

    def enhancement(self, parent: dict, name: str, **more) -> dict:
        body = {"type": "enhancement", "name": name, "parent_part": [parent["id"]]}
        body |= {"owned_by": [self.actor_id()]} | more
        time.sleep(TICK_S)
        return self.post("parts.create", body, 201)["part"]

    def work(self, kind: str, part: dict, title: str, **more) -> dict:
        body = {"type": kind, "title": title, "applies_to_part": part["id"], "owned_by": []}
        time.sleep(TICK_S)
        return self.post("works.create", body | more, 201)["work"]

    def get_work(self, id: str) -> dict:
        return self.post("works.get", {"id": id})["work"]

    def get_part(self, id: str) -> dict:
        return self.post("parts.get", {"id": id})["part"]

    def update_work(self, work: dict, **changes) -> dict:
        time.sleep(TICK_S)
        body = {"id": work["id"], "type": work["type"]} | changes
        return self.post("works.update", body)["work"]

    def update_part(self, part: dict, **changes) -> dict:
        time.sleep(TICK_S)
        body = {"id": part["id"], "type": part["type"]} | changes
        return self.post("parts.update", body)["part"]

    def workspace(self, name: str) -> dict:
        account = self.post("accounts.create", {"display_name": name}, 201)["account"]
        return self.post("rev-orgs.get", {"account": account["id"]})["rev_org"]

    def stage_id(self, leaf_type: str, name: str) -> str:
        diagram = self.post("stage-diagrams.get", {"leaf_type": leaf_type})["stage_diagram"]
        return {node["stage"]["name"]: node["stage"]["id"] for node in diagram["stages"]}[name]

    def board(self, part: dict, name: str) -> dict:
        """A sprint board bound to a part: an extension of the published vistas.create."""
        body = {"type": "grouped", "filter_type": "works", "flavor": "sprint_board"}
        body |= {"name": name, "applies_to_part": [part["id"]]}
        return self.post("vistas.create", body, 201)["vista"]

    def sprint(self, board: dict, name: str, state: str) -> dict:
        """A sprint, that is a column of a sprint board: vistas.groups.create is our extension."""
        body = {"parent_id": board["id"], "type": "curated", "name": name, "state": state}
        body |= {"start_date": "2031-01-06T00:00:00Z", "end_date": "2031-01-17T00:00:00Z"}
        return self.post("vistas.groups.create", body, 201)["vista_group"]

    def second_actor(self, name: str) -> tuple[dict, "Api", str]:
        """A service account, an Api that acts as it, and its token."""
        body = {"display_name": f"{name}-{next(self._numbers)}"}
        account = self.post("service-accounts.create", body, 201)["service_account"]
        body = {"grant_type": TOKEN_ISSUE, "requested_token_type": PAT_ACT_AS}
        body |= {"act_as": account["id"], "expires_in_mins": 60}
        token = self.post("auth-tokens.create", body, 201)["access_token"]
        return account, Api(token, *self._settings), token
