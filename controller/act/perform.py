"""An action -> the write that does it, and the answer in the store."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from controller.act.manifests import Create, ask_operations, event_manifest, manifest_of, owner
from controller.errors import AlreadyExists, Conflict, NameTaken, NotFound, Refused
from controller.model.action import (
    Action,
    AdoptRun,
    AskRun,
    CancelRun,
    Collect,
    CreateApproval,
    CreatePod,
    CreateRevision,
    CreateRun,
    CreateTaskRun,
    DeletePod,
    DirectTask,
    Kind,
    Look,
    ReadArtifact,
    ReleasePod,
    Tell,
    WriteStatus,
)
from controller.model.artifacts import Reading
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.names import POD_FINALIZER
from controller.model.outside import Sight
from controller.model.pod import Pod
from controller.model.status_patch import JSON_PATCH, MERGE_PATCH

Observe = Callable[[Kind, dict[str, Any]], None]
"""Takes the API server's answer into the store."""
Glance = tuple[Mapping[str, Any] | None, str]
"""What a sensor's expression may read, None when nothing was seen; and what stood in the way, if anything."""
Sighted = Callable[[Look, Sight], None]
"""Takes what a look has seen into the store."""


class Api(Protocol):
    """What is needed of a session with the API server: `controller.kube.Kube`, or one with a simulated cluster."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""

    async def create(self, kind: Kind, namespace: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The object as it was created."""

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> dict[str, Any]:
        """The object after its status changed."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str) -> dict[str, Any]:
        """The object after the patch."""

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None) -> dict[str, Any]:
        """The object, or what the API server says instead."""

    async def collect(self, kind: Kind, key: Key, uid: str, version: int) -> dict[str, Any]:
        """The object as it was deleted, or what the API server says instead."""

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Publish a Kubernetes Event."""


class Looks(Protocol):
    """Whatever can look: `act.eyes.Eyes`, or what stands in for the world in a simulation."""

    async def look(self, action: Look) -> Glance:
        """What is seen; never an error."""


@dataclass(frozen=True)
class Eyes:
    """How a performer looks, and who is told what it saw."""

    looks: Looks
    sighted: Sighted


class Artifacts(Protocol):
    """Whatever reads artifacts: `act.artifacts.StoredArtifacts`, or what stands in for the store in a simulation."""

    async def read(self, action: ReadArtifact) -> Reading:
        """What comes of it; never an error."""


@dataclass(frozen=True)
class Library:
    """How a performer reads artifacts, and who is told what came of it."""

    artifacts: Artifacts
    brought: Callable[[ReadArtifact, Reading, datetime], None]


class Archive(Protocol):
    """Whatever archives logs: `act.logs.LogKeeper`, or what stands in for it in a simulation."""

    async def archive(self, pod: Pod, now: datetime) -> None:
        """Keep what the Pod has said; never an error, and never for long."""


@dataclass(frozen=True)
class Performer:
    """Performs actions through one session with the API server."""

    kube: Api
    observe: Observe
    eyes: Eyes | None = None
    """None = nothing outside can be looked at."""
    library: Library | None = None
    """None = no artifact can be read."""
    archive: Archive | None = None
    """None = no log is archived."""

    async def perform(self, action: Action, now: datetime) -> None:
        """Do it; one of errors.py when it can't be done."""
        match action:
            case CreateRevision() | CreateRun() | CreateTaskRun() | CreatePod() | CreateApproval():
                await self._create(action)
            case DirectTask():
                await self._direct(action)
            case WriteStatus():
                await self._write_status(action)
            case AskRun():
                await self._json_patch(Kind.DAG_RUN, action.run, list(ask_operations(action)))
            case CancelRun():
                cancel = {"op": "add", "path": "/spec/cancel", "value": action.how.value}
                await self._json_patch(Kind.DAG_RUN, action.run, [cancel])
            case AdoptRun():
                await self._adopt(action)
            case ReleasePod():
                await self._release(action, now)
            case DeletePod() | Collect():
                await self._delete(action)
            case Look() | ReadArtifact() | Tell():
                await self._aside(action, now)

    async def _create(self, action: Create) -> None:
        """Create it; where the name is taken already, take what is there as the answer if it has the same owner."""
        kind, manifest, owner_uid = manifest_of(action)
        key = Key(manifest["metadata"]["namespace"], manifest["metadata"]["name"])
        try:
            answer = await self.kube.create(kind, key.namespace, manifest)
        except AlreadyExists:
            answer = await self.kube.get(kind, key)
            if parse_meta(answer["metadata"]).owner_uid != owner_uid:
                raise NameTaken(f"{kind.value} {key.name} exists already and belongs to something else") from None
        self.observe(kind, answer)

    async def _aside(self, action: Look | ReadArtifact | Tell, now: datetime) -> None:
        """What changes no object of ours."""
        if isinstance(action, Tell):
            await self.kube.create_event(action.about.namespace, event_manifest(action, now))
        elif isinstance(action, ReadArtifact):
            if self.library is not None:
                self.library.brought(action, await self.library.artifacts.read(action), now)
        elif self.eyes is not None:
            values, trouble = await self.eyes.looks.look(action)
            self.eyes.sighted(action, Sight(now, action.attempt, values, trouble))

    async def _write_status(self, action: WriteStatus) -> None:
        meta = action.meta
        answer = await self.kube.patch_status(action.kind, meta.key, action.patch, meta.resource_version)
        self.observe(action.kind, answer)

    async def _direct(self, action: DirectTask) -> None:
        said = {"verdict": action.verdict.value, "round": action.round, "why": action.why, "item": action.item}
        meta = action.task_run
        patch = {
            "metadata": {"resourceVersion": str(meta.resource_version)},
            "spec": {name: value for name, value in said.items() if value is not None},
        }
        self.observe(Kind.TASK_RUN, await self.kube.patch(Kind.TASK_RUN, meta.key, patch, MERGE_PATCH))

    async def _adopt(self, action: AdoptRun) -> None:
        reference = owner(Kind.DAG, action.dag)
        operation = (
            {"op": "add", "path": "/metadata/ownerReferences/-", "value": reference}
            if action.run.owners
            else {"op": "add", "path": "/metadata/ownerReferences", "value": [reference]}
        )
        await self._json_patch(Kind.DAG_RUN, action.run, [operation])

    async def _release(self, action: ReleasePod, now: datetime) -> None:
        if action.log_of is not None and self.archive is not None:
            await self.archive.archive(action.log_of, now)
        pod = action.pod
        place = pod.finalizers.index(POD_FINALIZER)
        path = f"/metadata/finalizers/{place}"
        operations = [{"op": "test", "path": path, "value": POD_FINALIZER}, {"op": "remove", "path": path}]
        try:
            await self._json_patch(Kind.POD, pod, operations)
        except NotFound:
            return

    async def _json_patch(self, kind: Kind, meta: Meta, operations: list[dict[str, Any]]) -> None:
        """The operations, if the name still belongs to this object; Conflict when it is not as it was."""
        same = {"op": "test", "path": "/metadata/uid", "value": meta.uid}
        try:
            answer = await self.kube.patch(kind, meta.key, [same, *operations], JSON_PATCH)
        except Refused as error:
            if error.code != 422:
                raise
            raise Conflict(str(error)) from error
        self.observe(kind, answer)

    async def _delete(self, action: DeletePod | Collect) -> None:
        """Ask for it; what is gone already is as it should be."""
        with suppress(NotFound):
            if isinstance(action, Collect):
                meta = action.meta
                await self.kube.collect(action.kind, meta.key, meta.uid, meta.resource_version)
                return
            answer = await self.kube.delete(Kind.POD, action.pod.key, action.pod.uid, action.grace_seconds)
            if answer.get("kind") == "Pod":
                self.observe(Kind.POD, answer)


Perform = Callable[[Action, datetime], Awaitable[None]]
