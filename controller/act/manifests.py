"""Actions that create -> the manifests they send."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from controller.model.action import (
    AskRun,
    CreateApproval,
    CreatePod,
    CreateRevision,
    CreateRun,
    CreateTaskRun,
    Kind,
    Tell,
)
from controller.model.authorship import CREATED_BY, SCHEDULER
from controller.model.metadata import Meta
from controller.model.names import API_VERSION, LABEL_DAG, LABEL_RUN, LABEL_TASK, LABEL_TRY
from controller.model.timestamps import format_time

Create = CreateRevision | CreateRun | CreateTaskRun | CreatePod | CreateApproval


def manifest_of(action: Create) -> tuple[Kind, dict[str, Any], str]:
    """What is created, and the uid of its owner."""
    match action:
        case CreateRevision():
            return Kind.REVISION, revision_manifest(action), action.dag.uid
        case CreateRun():
            return Kind.DAG_RUN, run_manifest(action), action.dag.uid
        case CreateTaskRun():
            return Kind.TASK_RUN, task_run_manifest(action), action.run.uid
        case CreatePod():
            return Kind.POD, pod_manifest(action), action.task_run.uid
        case CreateApproval():
            return Kind.APPROVAL, approval_manifest(action), action.task_run.uid


def owner(kind: Kind, meta: Meta) -> dict[str, Any]:
    """The reference that makes an object go when its owner goes."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind.value,
        "name": meta.name,
        "uid": meta.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def revision_manifest(action: CreateRevision) -> dict[str, Any]:
    """The ControllerRevision that keeps a Dag's spec, and who wrote it."""
    authors = action.dag.authorship.of_spec(action.spec_json)
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            **_metadata(action.name, action.dag, Kind.DAG, {LABEL_DAG: action.dag.name}),
            **({"annotations": authors} if authors else {}),
        },
        "data": json.loads(action.spec_json),
        "revision": action.dag.generation,
    }


def run_manifest(action: CreateRun) -> dict[str, Any]:
    """The DagRun of a slot."""
    return {
        "apiVersion": API_VERSION,
        "kind": Kind.DAG_RUN.value,
        "metadata": {
            **_metadata(action.name, action.dag, Kind.DAG, {LABEL_DAG: action.dag.name, **action.labels}),
            "annotations": {CREATED_BY: SCHEDULER},
        },
        "spec": action.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def task_run_manifest(action: CreateTaskRun) -> dict[str, Any]:
    """The TaskRun of a task."""
    labels = {LABEL_DAG: action.spec.dag_ref.name, LABEL_RUN: action.run.name, LABEL_TASK: action.spec.task}
    return {
        "apiVersion": API_VERSION,
        "kind": Kind.TASK_RUN.value,
        "metadata": _metadata(action.name, action.run, Kind.DAG_RUN, labels),
        "spec": action.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def pod_manifest(action: CreatePod) -> dict[str, Any]:
    """The attempt's Pod, owned by its TaskRun."""
    manifest = dict(action.manifest)
    manifest["metadata"] = {**manifest["metadata"], "ownerReferences": [owner(Kind.TASK_RUN, action.task_run)]}
    return manifest


def approval_manifest(action: CreateApproval) -> dict[str, Any]:
    """The Approval that asks for an attempt, owned by its TaskRun."""
    spec = action.spec
    labels = {LABEL_DAG: spec.dag_ref.name, LABEL_RUN: spec.dag_run_ref.name, LABEL_TASK: spec.task}
    return {
        "apiVersion": API_VERSION,
        "kind": Kind.APPROVAL.value,
        "metadata": _metadata(action.name, action.task_run, Kind.TASK_RUN, {**labels, LABEL_TRY: str(spec.attempt)}),
        "spec": spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def ask_operations(action: AskRun) -> Iterator[dict[str, Any]]:
    """The JSON patch that asks; not a merge, which would keep fields of an earlier request."""
    if not action.run.labels:
        yield {"op": "add", "path": "/metadata/labels", "value": {}}
    for label, value in sorted(action.labels.items()):
        yield {"op": "add", "path": f"/metadata/labels/{label.replace('/', '~1')}", "value": value}
    if action.lifts_cancel:
        yield {"op": "remove", "path": "/spec/cancel"}
    request = action.request.model_dump(mode="json", by_alias=True, exclude_none=True)
    yield {"op": "add", "path": "/spec/request", "value": request}


def event_manifest(action: Tell, now: datetime) -> dict[str, Any]:
    """The Event; its name follows from what it says of which version, so telling twice is telling once."""
    said = f"{action.about.uid}/{action.about.resource_version}/{action.reason}/{action.message}"
    name = f"{action.about.name}.{hashlib.sha256(said.encode()).hexdigest()[:16]}"
    at = format_time(now.replace(microsecond=0))
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": action.about.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": action.kind.value,
            "name": action.about.name,
            "namespace": action.about.namespace,
            "uid": action.about.uid,
        },
        "reason": action.reason,
        "message": action.message[:1024],
        "type": "Warning" if action.warning else "Normal",
        "source": {"component": "slipway"},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }


def _metadata(name: str, owned_by: Meta, kind: Kind, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": owned_by.namespace,
        "labels": dict(labels),
        "ownerReferences": [owner(kind, owned_by)],
    }
