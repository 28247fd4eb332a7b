"""Whatever a user writes, wherever it can be written: no Pod leaves Slipway that the policy does not let pass.

The oracle knows nothing of Pods: it walks the manifest and looks for the names of dangerous fields at any depth.
"""

from collections.abc import Iterator
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st

from controller.decide.pod import PodOrder, build_pod
from controller.decide.pod_policy import pod_breaches
from controller.decide.readiness import judge_dag
from controller.decide.task import decide_task
from controller.model.action import CreatePod
from controller.model.dag import canonical_json
from controller.model.plan import PlannedTask
from controller.model.pod_policy import PodPolicy
from controller.model.policy import Policy
from tests.decide.drawing import drawn_plan, drawn_spec
from tests.decide.objects import after, run, task_run, task_snapshot

POLICY: Final = Policy(default_task_image="tasks:1", pods=PodPolicy())
ON: Final = ("hostNetwork", "hostPID", "hostIPC", "privileged", "hostProcess", "hostPath", "hostPort", "nodeName")
"""Fields that are dangerous as soon as they say anything."""

words = st.sampled_from(["main", "side", "x", "loader", "default", "Unconfined", "RuntimeDefault", "ALL", "CHOWN", ""])
plain = st.none() | st.booleans() | st.integers(0, 3) | words
names = st.sampled_from(
    [
        *ON,
        *("containers", "initContainers", "ephemeralContainers", "securityContext", "capabilities", "add", "drop"),
        *("volumes", "emptyDir", "name", "ports", "serviceAccountName", "serviceAccount", "seccompProfile", "type"),
        *(
            "windowsOptions",
            "procMount",
            "env",
            "lifecycle",
            "preStop",
            "httpGet",
            "host",
            "automountServiceAccountToken",
        ),
    ]
)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
containers = st.lists(
    st.fixed_dictionaries(
        {"name": words}, optional={"securityContext": anything, "ports": anything, "lifecycle": anything}
    ),
    max_size=3,
)
fragments = st.dictionaries(names, anything, max_size=4) | st.fixed_dictionaries(
    {},
    optional={"containers": containers, "initContainers": containers, "securityContext": anything, "volumes": anything},
)
places = st.sampled_from(["defaults", "group", "task", "mapped"])


def found(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a manifest at any depth."""
    if isinstance(value, dict):
        for field, inner in value.items():
            yield field, inner
            yield from found(inner)
    elif isinstance(value, list):
        for item in value:
            yield from found(item)


def dangers(spec: Any) -> list[tuple[str, Any]]:
    """What no Pod of the level baseline may have."""
    return [
        (field, value)
        for field, value in found(spec)
        if (field in ON and value not in (None, False, 0, ""))
        or field == "ephemeralContainers"
        or (field in ("serviceAccountName", "serviceAccount") and value not in (None, "", "default"))
        or (field == "type" and value == "Unconfined")
        or (field == "add" and "ALL" in (value if isinstance(value, list | str) else []))
        or (field == "procMount" and value not in (None, "", "Default"))
    ]


def spec_with(fragment: dict[str, Any], place: str, account: str | None) -> dict[str, Any]:
    """A Dag of one task, with the fragment written at one of the places that can set it."""
    settings = {"pod": fragment, **({"serviceAccountName": account} if account else {})}
    match place:
        case "defaults":
            return drawn_spec("a", defaults=settings)
        case "group":
            return drawn_spec("a", {"a": {"group": "g"}}, groups=[{"name": "g", "defaults": settings}])
        case "mapped":
            return drawn_spec("a", {"a": {"map": {"over": [1]}, **settings}})
    return drawn_spec("a", {"a": settings})


@given(fragment=fragments, place=places, account=st.none() | st.sampled_from(["loader", "default"]))
@example(fragment={"containers": [{"name": "main", "securityContext": None}]}, place="group", account=None)
@example(fragment={"serviceAccount": "loader"}, place="mapped", account="default")
@example(fragment={"volumes": [{"name": "x", "emptyDir": {}, "hostPath": {"path": "/"}}]}, place="task", account=None)
def test_no_dangerous_pod_by_any_path(fragment: dict[str, Any], place: str, account: str | None) -> None:
    """What is created has nothing dangerous in it, and the condition Ready foretells the launch."""
    spec = spec_with(fragment, place, account)
    judged = judge_dag(canonical_json(spec), POLICY, "team", frozenset())
    if judged.reason == "Invalid":
        return
    snapshot = task_snapshot(spec=spec, admitted=True, policy=POLICY)
    created = [action for action in decide_task(snapshot, after(1)).actions if isinstance(action, CreatePod)]
    for create in created:
        assert dangers(create.manifest["spec"]) == []
    assert bool(created) is (judged.plan is not None)


@given(spec=st.dictionaries(names, anything, max_size=5) | anything)
def test_the_judge_takes_anything(spec: Any) -> None:
    """It never raises, and what it lets pass has no danger in it."""
    if not pod_breaches(spec, PodPolicy(), "team"):
        assert dangers(spec) == []


def test_env_and_arguments_do_not_matter() -> None:
    """Templates are filled into variables and arguments alone: what stands there can't become a field."""
    hostile = {"args": ["{{ params.x }}"], "command": ["echo"], "env": [{"name": "A", "value": "{{ params.x }}"}]}
    plan = drawn_plan("a", {"a": hostile}, params={"x": {"type": "string"}})
    task: PlannedTask = plan.tasks["a"]
    values = {"params": {"x": '"}], "hostNetwork": true, "a": [{"b": "'}, "tasks": {}}
    manifest = build_pod(PodOrder(task_run("a"), run(), task, 1, values, POLICY))
    assert pod_breaches(manifest["spec"], PodPolicy(), "team") == ()
    assert "hostNetwork" not in dict(found(manifest))
