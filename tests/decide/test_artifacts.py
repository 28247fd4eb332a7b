"""The artifact store in a task's Pod: there where it is asked for, and a clear end where there is none."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.pod import PodOrder, build_pod
from controller.decide.task import decide_task
from controller.model.policy import ArtifactStore
from tests.decide.drawing import drawn_plan, drawn_spec
from tests.decide.objects import POLICY, after, run, task_run, task_snapshot, written

CLAIM = ArtifactStore(claim="shared")
BUCKET = ArtifactStore(url="s3://lake/slipway", secret="lake-keys")  # noqa: S106 a name
VALUES: dict[str, Any] = {"params": {}, "tasks": {}, "run": {}, "dag": {}}


def built(store: ArtifactStore | None, index: int | None = None, **task: Any) -> dict[str, Any]:
    """The spec of the Pod of attempt 2 of task `a`."""
    plan = drawn_plan("a", {"a": task})
    of = task_run("a", spec={"index": index} if index is not None else {})
    policy = replace(POLICY, artifacts=store)
    spec: dict[str, Any] = build_pod(PodOrder(of, run(), plan.tasks["a"], 2, VALUES, policy))["spec"]
    return spec


def env(spec: dict[str, Any]) -> dict[str, str]:
    """The variables about artifacts."""
    variables = spec["containers"][0]["env"]
    return {each["name"]: each["value"] for each in variables if each["name"].startswith("SLIPWAY_ARTIFACT")}


def test_a_volume() -> None:
    """The claim is mounted, beside the volumes of the task's own."""
    own = {"volumes": [{"name": "data", "emptyDir": {}}]}
    spec = built(CLAIM, artifacts=True, pod=own)
    claim = {"name": "slipway-artifacts", "persistentVolumeClaim": {"claimName": "shared"}}
    assert sorted(spec["volumes"], key=lambda each: str(each["name"])) == [*own["volumes"], claim]
    assert spec["containers"][0]["volumeMounts"] == [{"name": "slipway-artifacts", "mountPath": "/slipway/artifacts"}]
    assert "envFrom" not in spec["containers"][0]
    assert env(spec) == {
        "SLIPWAY_ARTIFACTS": "/slipway/artifacts",
        "SLIPWAY_ARTIFACT_PREFIX": "team/etl/etl-1/a/2",
    }


def test_a_bucket() -> None:
    """The Secret's keys come before the task's own sources, which win; a namespace without it is not held up."""
    own = [{"configMapRef": {"name": "more"}}]
    spec = built(BUCKET, index=3, artifacts=True, envFrom=own)
    assert spec["containers"][0]["envFrom"] == [{"secretRef": {"name": "lake-keys", "optional": True}}, *own]
    assert env(spec) == {
        "SLIPWAY_ARTIFACTS": "s3://lake/slipway",
        "SLIPWAY_ARTIFACT_PREFIX": "team/etl/etl-1/a/3/2",
    }
    assert not spec.keys() & {"volumes"}
    assert "envFrom" not in built(replace(BUCKET, secret=""), artifacts=True)["containers"][0]


@pytest.mark.parametrize("store", [CLAIM, BUCKET, None])
def test_a_task_that_does_not_ask(store: ArtifactStore | None) -> None:
    """It gets nothing of the store, and so nobody reads another's credentials by accident."""
    assert built(store) == built(None)


def test_a_task_that_asks_where_there_is_no_store() -> None:
    """It fails for good and says which setting is missing."""
    spec = drawn_spec("a", {"a": {"artifacts": True, "retries": 3}})
    decision = decide_task(task_snapshot(spec=spec, admitted=True), after(1))
    assert (written(decision)["state"], written(decision)["reason"]) == ("Failed", "NoArtifactStore")
    assert written(decision)["message"].endswith("has no artifact store: see the setting artifactsUrl")
    there = replace(POLICY, artifacts=CLAIM)
    assert "state" not in written(decide_task(task_snapshot(spec=spec, admitted=True, policy=there), after(1)))
