"""Kinds and keys -> requests to the API server: the only place where raw objects travel."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from controller.connection import Connection
from controller.errors import NotFound, Refused
from controller.leadership import Leadership
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import API_VERSION
from controller.model.status_patch import APPLY_PATCH, MERGE_PATCH
from controller.transport import Request, Transport

_PLURALS: Final = {
    Kind.DAG: (f"apis/{API_VERSION}", "dags"),
    Kind.DAG_RUN: (f"apis/{API_VERSION}", "dagruns"),
    Kind.TASK_RUN: (f"apis/{API_VERSION}", "taskruns"),
    Kind.POOL: (f"apis/{API_VERSION}", "pools"),
    Kind.APPROVAL: (f"apis/{API_VERSION}", "approvals"),
    Kind.BACKFILL: (f"apis/{API_VERSION}", "backfills"),
    Kind.POD: ("api/v1", "pods"),
    Kind.REVISION: ("apis/apps/v1", "controllerrevisions"),
}


def collection_path(kind: Kind, namespace: str | None = None) -> str:
    """The path of all objects of a kind, in one namespace or in all."""
    group, plural = _PLURALS[kind]
    return f"/{group}/{plural}" if namespace is None else f"/{group}/namespaces/{namespace}/{plural}"


def object_path(kind: Kind, key: Key, subresource: str = "") -> str:
    """The path of one object, or of a subresource such as `status`."""
    tail = f"/{subresource}" if subresource else ""
    return f"{collection_path(kind, key.namespace)}/{key.name}{tail}"


WriteHook = Callable[[str], None]
"""Called with `before` and `after` around each create, patch and delete."""


class Kube(Transport):
    """One session with the API server, in the words of Kubernetes. Use `async with`."""

    def __init__(
        self,
        connection: Connection,
        in_flight: int = 20,
        around_write: WriteHook | None = None,
        agent: str = "slipway-controller",
        leadership: Leadership | None = None,
    ) -> None:
        """With a `leadership`, every write is NotLeading unless that holds."""
        super().__init__(connection, in_flight, agent)
        self._leadership = leadership
        self._around_write = around_write or (lambda when: None)

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question that is posted and stored nowhere, such as a SelfSubjectAccessReview."""
        return await self._send(Request("create", "POST", path, body))

    async def read(self, path: str) -> dict[str, Any]:
        """Whatever the API server answers at a path, its query included; for commands."""
        return await self._send(Request("get", "GET", path))

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""
        return await self._send(Request("get", "GET", object_path(kind, key)))

    async def get_other(self, api_version: str, resource: str, key: Key) -> dict[str, Any]:
        """An object of any kind."""
        group = f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"
        name = quote(key.name, safe="")
        return await self._send(Request("get", "GET", f"/{group}/namespaces/{key.namespace}/{resource}/{name}"))

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object as it was created, or with `dry_run` would be; AlreadyExists when its name is taken."""
        params = {"dryRun": "All"} if dry_run else None
        return await self._write(Request("create", "POST", collection_path(kind, namespace), body, params=params))

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> dict[str, Any]:
        """The object after its status changed; Conflict unless it was at this resourceVersion."""
        body = {"metadata": {"resourceVersion": str(version)}, "status": patch}
        return await self._write(Request("patch", "PATCH", object_path(kind, key, "status"), body, MERGE_PATCH))

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = MERGE_PATCH) -> dict[str, Any]:
        """The object after the patch."""
        return await self._write(Request("patch", "PATCH", object_path(kind, key), patch, content_type))

    async def apply(
        self, kind: Kind, key: Key, body: Mapping[str, Any], manager: str, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object after a server-side apply by this field manager, whose word wins over all others'."""
        params = {"fieldManager": manager, "force": "true"} | ({"dryRun": "All"} if dry_run else {})
        return await self._write(Request("patch", "PATCH", object_path(kind, key), body, APPLY_PATCH, params))

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None = None) -> dict[str, Any]:
        """Ask for the deletion of just this object; Conflict when the name belongs to another one now."""
        body: dict[str, Any] = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        return await self._write(Request("delete", "DELETE", object_path(kind, key), body))

    async def collect(self, kind: Kind, key: Key, uid: str, version: int) -> dict[str, Any]:
        """Ask for the deletion of just this object at just this version; Conflict when it has changed since."""
        preconditions = {"uid": uid, "resourceVersion": str(version)}
        body = {"preconditions": preconditions, "propagationPolicy": "Background"}
        return await self._write(Request("delete", "DELETE", object_path(kind, key), body))

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Publish a Kubernetes Event."""
        await self._write(Request("create", "POST", f"/api/v1/namespaces/{namespace}/events", body))

    async def caller(self) -> str:
        """The name by which the API server knows us; empty where it does not tell."""
        path, version = "/apis/authentication.k8s.io/v1/selfsubjectreviews", "authentication.k8s.io/v1"
        body = {"apiVersion": version, "kind": "SelfSubjectReview"}
        try:
            answer = await self._send(Request("create", "POST", path, body))
        except (NotFound, Refused):
            return ""
        return str(((answer.get("status") or {}).get("userInfo") or {}).get("username") or "")

    async def stop_deployment(self, key: Key) -> None:
        """Scale a Deployment to nothing."""
        path = f"/apis/apps/v1/namespaces/{key.namespace}/deployments/{key.name}/scale"
        await self._write(Request("patch", "PATCH", path, {"spec": {"replicas": 0}}, MERGE_PATCH))

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """Every object of a kind, page by page; for commands, not for the scheduler."""
        params = {"limit": "500"} | ({"labelSelector": label_selector} if label_selector else {})
        items: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self.list_page(
                collection_path(kind, namespace), params | ({"continue": token} if token else {})
            )
            items.extend(page["items"])
            token = page["metadata"].get("continue") or ""
            if not token:
                return items

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list; Expired when its `continue` token is too old."""
        return await self._send(Request("list", "GET", path, params=params))

    async def _write(self, request: Request) -> dict[str, Any]:
        self._around_write("before")
        answer = await self._send(request, self._leadership)
        self._around_write("after")
        return answer
