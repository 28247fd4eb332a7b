"""Requests for the one Lease, over a session of its own: nothing that the scheduler sends keeps a renewal waiting."""

from typing import Any, Final

from controller.connection import Connection
from controller.election.record import API_VERSION, Record, read_record
from controller.errors import NotFound
from controller.model.metadata import Key
from controller.model.status_patch import MERGE_PATCH
from controller.transport import Request, Transport

AGENT: Final = "slipway-election"


class Lease(Transport):
    """The Lease of this name. Use `async with`."""

    def __init__(self, connection: Connection, key: Key, answer_seconds: float) -> None:
        super().__init__(connection, in_flight=2, agent=AGENT)
        self._answer_seconds = answer_seconds
        self._collection = f"/apis/{API_VERSION}/namespaces/{key.namespace}/leases"
        self._path = f"{self._collection}/{key.name}"

    async def get(self) -> Record | None:
        """What stands in it; None when there is none."""
        try:
            return await self._asked("get", "GET", self._path)
        except NotFound:
            return None

    async def create(self, body: dict[str, Any]) -> Record:
        """What was created; AlreadyExists when somebody was quicker."""
        return await self._asked("create", "POST", self._collection, body)

    async def patch(self, body: dict[str, Any]) -> Record:
        """The Lease after the patch; Conflict when somebody wrote it since."""
        return await self._asked("patch", "PATCH", self._path, body, MERGE_PATCH)

    async def _asked(
        self, verb: str, method: str, path: str, body: dict[str, Any] | None = None, type_: str = "application/json"
    ) -> Record:
        return read_record(await self._send(Request(verb, method, path, body, type_, seconds=self._answer_seconds)))
