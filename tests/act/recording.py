"""An API server that writes down what it is sent and answers as it is told."""

from collections.abc import Mapping
from typing import Any

from controller.connection import Connection
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.status_patch import MERGE_PATCH

Sent = tuple[str, ...]


class RecordingKube(Kube):
    """`sent` has each request's verb, kind, name and body; `answers` may hold an error, or an object, for a verb."""

    def __init__(self, **answers: Exception | dict[str, Any]) -> None:
        super().__init__(Connection("http://unused"))
        self.sent: list[tuple[Any, ...]] = []
        self.answers = answers

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """Answer a GET."""
        return self._answer("get", kind, key.name)

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Answer a POST with what was sent."""
        return self._answer("create", kind, namespace, body, default=dict(body))

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> dict[str, Any]:
        """Answer a PATCH of a status."""
        return self._answer("patch_status", kind, key.name, patch, version)

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = MERGE_PATCH) -> dict[str, Any]:
        """Answer a PATCH."""
        return self._answer("patch", kind, key.name, patch, content_type)

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None = None) -> dict[str, Any]:
        """Answer a DELETE."""
        return self._answer("delete", kind, key.name, uid, grace_seconds)

    async def collect(self, kind: Kind, key: Key, uid: str, version: int) -> dict[str, Any]:
        """Answer a DELETE of a version."""
        return self._answer("collect", kind, key.name, uid, version)

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Take an Event."""
        self._answer("event", namespace, body)

    def _answer(self, verb: str, *about: Any, default: dict[str, Any] | None = None) -> dict[str, Any]:
        self.sent.append((verb, *about))
        answer = self.answers.get(verb, default or {"answer": verb})
        if isinstance(answer, Exception):
            raise answer
        return answer
