"""A task that asks for the artifact store -> what its Pod needs to reach it.

    a claim    the volume at MOUNT_PATH               SLIPWAY_ARTIFACTS=/slipway/artifacts
    a bucket   the keys of a Secret as variables      SLIPWAY_ARTIFACTS=s3://bucket/prefix

Slipway itself opens neither: a value that is too large for an output is written there by the task, and handed on by its
key.
"""

from typing import Any, Final

from controller.model.policy import ArtifactStore
from controller.model.taskrun import TaskRun

MOUNT_PATH: Final = "/slipway/artifacts"
_VOLUME: Final = "slipway-artifacts"


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
