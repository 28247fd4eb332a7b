"""An API server in memory: it knows tokens, judges rights as RBAC does, keeps objects, and has Pods' logs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from controller.errors import Conflict, NotFound, Refused, Unauthenticated, Unavailable
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster
from controller.web.api_server import Caller

Right = tuple[str, str, str]
"""Verb, resource with subresource, namespace; `*` stands for any."""

_PLURALS = {
    Kind.DAG: "dags",
    Kind.DAG_RUN: "dagruns",
    Kind.POOL: "pools",
    Kind.BACKFILL: "backfills",
    Kind.APPROVAL: "approvals",
}


@dataclass
class StandIn:
    """The whole API server. What it grants can be changed at any time."""

    users: dict[str, str] = field(default_factory=dict)
    """User names by token."""
    rights: dict[str, set[Right]] = field(default_factory=dict)
    """By user name."""
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    """Pieces of log by Pod."""
    pod_events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Events by Pod."""
    cluster: InMemoryCluster = field(default_factory=lambda: InMemoryCluster(lambda: datetime.now(UTC)))
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Every review, for what it was about."""
    away: bool = False
    lists_rules: bool = True
    """Whether it can list what a user may; one with a webhook for rights can't."""
    log_error: Exception | None = None
    """Why no log can be read."""
    waiting: str | None = None
    """Why no Pod has a log yet."""

    def acting_as(self, caller: Caller) -> "StandInSession":
        """A session with this caller's rights."""
        return StandInSession(self, caller)

    def grant(self, user: str, *rights: Right) -> str:
        """Let the user do this; the answer is their token."""
        self.users.setdefault(f"token-of-{user}", user)
        self.rights.setdefault(user, set()).update(rights)
        return f"token-of-{user}"

    def may(self, user: str, verb: str, resource: str, namespace: str) -> bool:
        """Whether the user has a right for this; an empty namespace stands for all of them."""
        return any(
            v in (verb, "*") and r in (resource, "*") and n in (namespace, "*") for v, r, n in self.rights.get(user, ())
        )


@dataclass(frozen=True)
class StandInSession:
    """The API server as one caller."""

    server: StandIn
    caller: Caller

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a review."""
        user = self._user()
        self.server.asked.append(dict(body))
        if path.endswith("/selfsubjectreviews"):
            return {"status": {"userInfo": {"username": user}}}
        if path.endswith("/selfsubjectrulesreviews"):
            return self._rules(user, body["spec"]["namespace"])
        wanted = body["spec"]["resourceAttributes"]
        resource = wanted["resource"] + (f"/{wanted['subresource']}" if wanted["subresource"] else "")
        return {"status": {"allowed": self.server.may(user, wanted["verb"], resource, wanted["namespace"])}}

    def _rules(self, user: str, namespace: str) -> dict[str, Any]:
        if not self.server.lists_rules:
            return {"status": {"incomplete": True, "resourceRules": []}}
        found = [(verb, kind) for verb, kind, where in self.server.rights.get(user, ()) if where in (namespace, "*")]
        rules = [{"verbs": [verb], "apiGroups": ["*"], "resources": [kind]} for verb, kind in sorted(found)]
        return {"status": {"incomplete": False, "resourceRules": rules}}

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""
        self._need("get", _PLURALS[kind], key.namespace)
        return self.server.cluster.get(kind, key)

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object as it was created."""
        self._need("create", _PLURALS[kind], namespace)
        return {"metadata": {}} if dry_run else self.server.cluster.create(kind, body)

    async def patch(self, kind: Kind, key: Key, patch: Any) -> dict[str, Any]:
        """The object after the patch."""
        self._need("patch", _PLURALS[kind], key.namespace)
        version = patch.get("metadata", {}).get("resourceVersion")
        if version not in (None, self.server.cluster.get(kind, key)["metadata"]["resourceVersion"]):
            raise Conflict(f"{kind.value} {key.name} was changed meanwhile")
        annotations = patch.get("metadata", {}).get("annotations", {})
        uid = patch.get("metadata", {}).get("uid")
        if uid not in (None, self.server.cluster.get(kind, key)["metadata"]["uid"]):
            raise Conflict(f"{kind.value} {key.name} has another uid")
        spec = {"spec": patch["spec"]} if "spec" in patch else {}
        return self.server.cluster.merge(kind, key, {"metadata": {"annotations": annotations}, **spec})

    async def delete(self, kind: Kind, key: Key, uid: str) -> dict[str, Any]:
        """The object as it was last."""
        self._need("delete", _PLURALS[kind], key.namespace)
        return self.server.cluster.delete(kind, key, uid)

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The Events about a Pod."""
        _, _, namespace, resource = path.removeprefix("/api/").split("/")
        self._need("list", resource, namespace)
        fields = dict(each.split("=") for each in params["fieldSelector"].split(","))
        return {"items": self.server.pod_events.get(fields["involvedObject.name"], [])}

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The pieces of a Pod's log."""
        _, _, namespace, _, pod, _ = path.removeprefix("/api/").split("/")
        self._need("get", "pods/log", namespace)
        if self.server.log_error is not None:
            raise self.server.log_error
        if self.server.waiting:
            raise Refused(self.server.waiting, "BadRequest", 400)
        if pod not in self.server.logs:
            raise NotFound(f'pods "{pod}" not found')
        for piece in self.server.logs[pod]:
            yield piece

    def _user(self) -> str:
        if self.server.away:
            raise Unavailable("the API server does not answer")
        if self.caller.impersonated is not None:
            return self.caller.impersonated.user
        user = self.server.users.get(self.caller.token or "")
        if user is None:
            raise Unauthenticated("Unauthorized")
        return user

    def _need(self, verb: str, resource: str, namespace: str) -> None:
        if not self.server.may(self._user(), verb, resource, namespace):
            raise Refused(f"User may not {verb} {resource} in {namespace}", "Forbidden", 403)
