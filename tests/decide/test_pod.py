"""Pods: golden manifests, compared whole. `UPDATE_GOLDEN=1 pytest tests/decide/test_pod.py` writes them anew."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from controller.decide.pod import PodOrder, build_pod
from controller.decide.render_faults import RenderFault
from controller.model.dagrun import DagRun
from tests.decide.drawing import drawn_plan
from tests.decide.objects import POLICY, meta, run, task_run, told

GOLDEN: Final = Path(__file__).parent / "golden"

VALUES: Final[dict[str, Any]] = {
    "params": {"day": "2026-01-01", "rows": 3, "tags": ["a", "é"], "price": "$5 $(HOME)"},
    "tasks": {"load": {"output": {"rows": 7}}},
    "run": {"name": "etl-1", "id": "scheduled__2026"},
    "dag": {"name": "etl"},
}
PARAMS: Final = {name: {"default": value} for name, value in VALUES["params"].items()}
SCHEDULED: Final = run({"logicalDate": told(), "intervalStart": told(), "intervalEnd": told(3600)})


def manifest(task: dict[str, Any], of: DagRun = SCHEDULED, attempt: int = 1, **spec: Any) -> dict[str, Any]:
    """The Pod of task `a`, which depends on `load`."""
    plan = drawn_plan("load >> a", {"a": task}, params=PARAMS, **spec)
    return build_pod(PodOrder(task_run("a"), of, plan.tasks["a"], attempt, VALUES, POLICY))


def main(built: dict[str, Any]) -> dict[str, Any]:
    """The task's container."""
    return next(container for container in built["spec"]["containers"] if container["name"] == "main")


def ours(built: dict[str, Any]) -> dict[str, Any]:
    """The variables that Slipway sets, by name."""
    env = main(built)["env"]
    return {variable["name"]: variable for variable in env if variable["name"].startswith("SLIPWAY_")}


SCRIPT = {"script": 'echo "$SLIPWAY_PARAM_DAY costs $(cat price) $$"\n'}
EVERYTHING: dict[str, Any] = {
    "image": "tasks:2",
    "imagePullPolicy": "Never",
    "command": ["load", "--from=$(HOME)"],
    "args": ["--day={{ params.day }}", "--rows={{ tasks.load.output.rows }}", "$(HOME)", "{{ params.price }}"],
    "env": [
        {"name": "DAY", "value": "{{ params.day }} $HOME"},
        {"name": "PLAIN", "value": "$(HOME)/x"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},
    ],
    "envFrom": [{"configMapRef": {"name": "c"}}],
    "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"nvidia.com/gpu": 1}},
    "serviceAccountName": "loader",
    "timeout": "10m",
}
FRAGMENT: dict[str, Any] = {
    **SCRIPT,
    "pod": {
        "automountServiceAccountToken": True,
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "terminationGracePeriodSeconds": 5,
        "securityContext": {"runAsUser": 1000, "fsGroup": None},
        "volumes": [{"name": "data", "emptyDir": {}}],
        "containers": [
            {
                "name": "main",
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                "securityContext": {"readOnlyRootFilesystem": True},
                "env": [{"name": "EXTRA", "value": "1"}],
            },
            {"name": "side", "image": "side:1", "command": ["wait"]},
        ],
    },
}

CASES: Final[dict[str, dict[str, Any]]] = {
    "script": manifest(SCRIPT),
    "python": manifest({"python": "print('$HOME')\n"}),
    "everything": manifest(EVERYTHING, attempt=3),
    "fragment": manifest(FRAGMENT),
    "manual": manifest({"command": ["true"]}, run()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_golden_pod(name: str) -> None:
    """The whole manifest is as it was reviewed."""
    path = GOLDEN / f"{name}.yaml"
    text = yaml.safe_dump(CASES[name], sort_keys=False, allow_unicode=True, width=120)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    """Each one belongs to a case."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize(
    "pod",
    [
        {"restartPolicy": "Always"},
        {
            "containers": [
                {"name": "main", "terminationMessagePath": "/x", "terminationMessagePolicy": "FallbackToLogsOnError"}
            ]
        },
        {
            "containers": [
                {
                    "name": "main",
                    "env": [{"name": "SLIPWAY_TRY", "value": "9"}, {"name": "SLIPWAY_OUTPUT", "value": "/x"}],
                }
            ]
        },
        {
            "containers": [
                {"name": "main", "env": [{"name": "SLIPWAY_DAG", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}
            ]
        },
        {"containers": [{"name": "main", "env": {"SLIPWAY_TRY": "9"}}]},
    ],
)
def test_a_fragment_against_the_contract(pod: dict[str, Any]) -> None:
    """The command, the restart policy, the output file and our variables stay ours."""
    plain, bent = manifest(SCRIPT), manifest({**SCRIPT, "pod": pod})
    assert bent["metadata"] == plain["metadata"]
    assert bent["spec"]["restartPolicy"] == "Never"
    for field in ("command", "terminationMessagePath", "terminationMessagePolicy"):
        assert main(bent)[field] == main(plain)[field]
    assert ours(bent) == ours(plain)


def test_a_timeout_in_the_task_and_in_the_fragment() -> None:
    """The task's own wins; without one the fragment's stands."""
    pod = {"activeDeadlineSeconds": 5}
    assert manifest({**SCRIPT, "timeout": "1m", "pod": pod})["spec"]["activeDeadlineSeconds"] == 60
    assert manifest({**SCRIPT, "pod": pod})["spec"]["activeDeadlineSeconds"] == 5


def test_a_variable_that_replaces_another() -> None:
    """It does so as a whole, since one with both value and valueFrom is refused by the API server."""
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    pod = {"containers": [{"name": "main", "env": [{"name": "X", "valueFrom": secret}]}]}
    env = [{"name": "HOME", "valueFrom": secret}, {"name": "X", "value": "1"}]
    built = {variable["name"]: variable for variable in main(manifest({**SCRIPT, "env": env, "pod": pod}))["env"]}
    assert built["HOME"] == {"name": "HOME", "valueFrom": secret}
    assert built["X"] == {"name": "X", "value": "1"}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("$HOME", "$HOME"),
        ("$(HOME)", "$(HOME)"),
        ("$$(HOME)", "$$(HOME)"),
        ("{{ params.day }}", "2026-01-01"),
        ("{{ params.price }}", "$$5 $$(HOME)"),
        ("$(HOME)/{{ params.day }}", "$$(HOME)/2026-01-01"),
    ],
)
def test_a_dollar_in_an_argument(written: str, sent: str) -> None:
    """Plain text keeps Kubernetes' meaning; what a template fills in is data that the kubelet must not expand."""
    built = main(manifest({"command": ["true"], "args": [written], "env": [{"name": "X", "value": written}]}))
    assert built["args"] == [sent]
    assert built["env"][-1] == {"name": "X", "value": sent}


def test_the_settings_image() -> None:
    """The task's image wins over the Dag's defaults, and these over the installation's."""
    assert main(manifest(SCRIPT))["image"] == "tasks:1"
    assert main(manifest(SCRIPT, defaults={"image": "dag:1"}))["image"] == "dag:1"
    assert main(manifest({**SCRIPT, "image": "own:1"}, defaults={"image": "dag:1"}))["image"] == "own:1"


def test_the_security_context_by_default() -> None:
    """The Pod meets the restricted Pod Security Standard with nothing said."""
    built = manifest(SCRIPT)
    assert built["spec"]["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert main(built)["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert built["spec"]["automountServiceAccountToken"] is False


def test_a_long_name() -> None:
    """Names and labels stay within 63 characters."""
    long = "x" * 63
    plan = drawn_plan(long)
    order = PodOrder(replace(task_run(long), meta=meta("r" * 63)), SCHEDULED, plan.tasks[long], 12, VALUES, POLICY)
    metadata = build_pod(order)["metadata"]
    assert len(metadata["name"]) == 63
    assert all(len(value) <= 63 for value in metadata["labels"].values())


def test_a_value_that_is_not_there() -> None:
    """No Pod is built."""
    with pytest.raises(RenderFault, match="gone"):
        manifest({"command": ["true"], "args": ["{{ tasks.load.output.gone }}"]})


def test_building_twice() -> None:
    """The manifests are equal, and the defaults of the module are not touched."""
    assert manifest(FRAGMENT) == CASES["fragment"]
    assert manifest(SCRIPT) == CASES["script"]
