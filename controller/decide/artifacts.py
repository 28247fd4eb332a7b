"""A task that asks for the artifact store -> what its Pod needs to reach it.

    a claim    the volume at MOUNT_PATH               SLIPWAY_ARTIFACTS=/slipway/artifacts
    a bucket   the keys of a Secret as variables      SLIPWAY_ARTIFACTS=s3://bucket/prefix

A value that is too large for an output is written there by the task, and handed on by its key. Slipway itself reads the
store for one purpose, a mapping over `{"$artifact": key}`, and only under the name of the run's own namespace.
"""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from controller.model.artifacts import Artifact
from controller.model.policy import ArtifactStore
from controller.model.taskrun import TaskRun

MOUNT_PATH: Final = "/slipway/artifacts"
_VOLUME: Final = "slipway-artifacts"
_MOST_KEY_CHARS: Final = 1024
_PLAIN_KEY: Final = re.compile(r"[^\x00-\x1f\x7f\\:/]+(/[^\x00-\x1f\x7f\\:/]+)+")
"""Names with slashes between them: no absolute path, no URL, nothing empty."""
_FIRST_AGAIN: Final = timedelta(seconds=5)
_LONGEST_AGAIN: Final = timedelta(seconds=120)


def volumes(store: ArtifactStore) -> dict[str, Any]:
    """The part of a PodSpec that names the claim."""
    claim = {"name": _VOLUME, "persistentVolumeClaim": {"claimName": store.claim}}
    return {"volumes": [claim]} if store.claim else {}


def mounts(store: ArtifactStore) -> dict[str, Any]:
    """The part of a container that mounts it."""
    return {"volumeMounts": [{"name": _VOLUME, "mountPath": MOUNT_PATH}]} if store.claim else {}


def secrets(store: ArtifactStore) -> list[dict[str, Any]]:
    """The sources of variables; a namespace without the Secret gets none, and says so where the store refuses."""
    return [{"secretRef": {"name": store.secret, "optional": True}}] if store.secret else []


def variables(store: ArtifactStore, task_run: TaskRun, attempt: int) -> dict[str, str]:
    """Where the store is, and the prefix for keys of this attempt: no two attempts share one."""
    spec = task_run.spec
    place = [task_run.meta.namespace, spec.dag_ref.name, spec.dag_run_ref.name, spec.task]
    place += [] if spec.index is None else [str(spec.index)]
    return {
        "SLIPWAY_ARTIFACTS": MOUNT_PATH if store.claim else store.url,
        "SLIPWAY_ARTIFACT_PREFIX": "/".join([*place, str(attempt)]),
    }


def key_fault(key: Any, namespace: str) -> str:
    """Why the controller does not read this key for a run of the namespace; empty when it does."""
    if not isinstance(key, str) or not 0 < len(key) <= _MOST_KEY_CHARS:
        return f"the key of an artifact is a text of 1 to {_MOST_KEY_CHARS:,} characters"
    names = key.split("/")
    if not _PLAIN_KEY.fullmatch(key) or not {".", ".."}.isdisjoint(names) or not _is_text(key):
        return f"{key[:100]!r} is no key of an artifact: names with slashes between them are"
    if names[0] != namespace:
        return f"artifact {key[:100]} does not belong to namespace {namespace}: its key would begin with {namespace}/"
    return ""


def again_at(artifact: Artifact) -> datetime:
    """When one that met with trouble is read again: ever later, the longer it lasts."""
    wait: timedelta = _FIRST_AGAIN * 2 ** min(artifact.tries - 1, 10)
    return artifact.at + min(_LONGEST_AGAIN, wait)


def _is_text(key: str) -> bool:
    """Whether it can be written at all, which half a surrogate pair can't."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
