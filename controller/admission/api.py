"""What admission asks of the API server, over a session of its own in kopf's thread."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from controller.connection import Connection
from controller.errors import NotFound, Refused
from controller.kube import object_path
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.status_patch import JSON_PATCH, MERGE_PATCH
from controller.transport import Request, Transport

AGENT: Final = "slipway-admission"
_ANSWER_SECONDS: Final = 3
"""Of one request: an admission itself is over after 5."""


class AdmissionApi(Transport):
    """One session. Use `async with`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, in_flight=10, agent=AGENT)

    async def secret(self, key: Key) -> dict[str, Any]:
        """The Secret."""
        return await self._asked("get", "GET", _secret_path(key))

    async def fill_secret(self, key: Key, data: Mapping[str, str], version: str) -> None:
        """Write a Secret's data; Conflict when somebody wrote it since."""
        body = {"metadata": {"resourceVersion": version}, "data": dict(data)}
        await self._asked("patch", "PATCH", _secret_path(key), body, MERGE_PATCH)

    async def configuration(self, plural: str, name: str) -> dict[str, Any]:
        """A webhook configuration."""
        return await self._asked("get", "GET", _configuration_path(plural, name))

    async def patch_configuration(self, plural: str, name: str, operations: Sequence[Mapping[str, Any]]) -> None:
        """Patch a webhook configuration."""
        await self._asked("patch", "PATCH", _configuration_path(plural, name), [*operations], JSON_PATCH)

    async def dag(self, key: Key) -> dict[str, Any]:
        """The Dag as it is stored now."""
        return await self._asked("get", "GET", object_path(Kind.DAG, key))

    async def is_allowed(self, namespace: str, review: Mapping[str, Any]) -> bool:
        """Whether somebody may do something in the namespace; `review` is the spec of a SubjectAccessReview."""
        version = "authorization.k8s.io/v1"
        path = f"/apis/{version}/namespaces/{namespace}/localsubjectaccessreviews"
        kind = "LocalSubjectAccessReview"
        body = {"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace}, "spec": review}
        answer = await self._asked("create", "POST", path, body)
        return (answer.get("status") or {}).get("allowed") is True

    async def own_name(self) -> str:
        """The name by which the API server knows us; empty where it does not tell."""
        path, version = "/apis/authentication.k8s.io/v1/selfsubjectreviews", "authentication.k8s.io/v1"
        try:
            answer = await self._asked("create", "POST", path, {"apiVersion": version, "kind": "SelfSubjectReview"})
        except (NotFound, Refused):
            return ""
        return str(((answer.get("status") or {}).get("userInfo") or {}).get("username") or "")

    async def _asked(
        self, verb: str, method: str, path: str, body: Any = None, type_: str = "application/json"
    ) -> dict[str, Any]:
        return await self._send(Request(verb, method, path, body, type_, seconds=_ANSWER_SECONDS))


def _secret_path(key: Key) -> str:
    return f"/api/v1/namespaces/{key.namespace}/secrets/{key.name}"


def _configuration_path(plural: str, name: str) -> str:
    return f"/apis/admissionregistration.k8s.io/v1/{plural}/{name}"
