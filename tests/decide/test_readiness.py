"""Whether a Dag is run: by its namespace, its spec, and the Pods that would come of it."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.decide.readiness import accounts_to_ask_for, judge_dag, readiness, told_faults
from controller.decide.run import decide_run
from controller.decide.task import decide_task
from controller.decide.validity import Fault
from controller.model.action import CreatePod
from controller.model.authorship import CREATED_BY, MAY_USE, WRITTEN_BY, may_use, written_by
from controller.model.dag import canonical_json
from controller.model.pod_policy import Level, PodPolicy
from tests.decide.dags import MANUAL, conditions, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import POLICY, after, dag, kinds, revision, run, run_snapshot, running, task_snapshot, written

STRICT = replace(POLICY, pods=PodPolicy(), trusts_authorship=True)
LOADER = drawn_spec("a", {"a": {"serviceAccountName": "loader"}})
HOSTILE = drawn_spec("a >> b", {"b": {"pod": {"hostNetwork": True}}})


def granted(spec: dict[str, Any], *accounts: str) -> dict[str, Any]:
    """Metadata of an object whose spec Ada wrote, who may use these accounts."""
    text = canonical_json(spec)
    return {"annotations": {WRITTEN_BY: written_by(text, "ada"), MAY_USE: may_use(text, accounts)}}


def test_the_controllers_own_namespace() -> None:
    """Its Dags are not run, whatever they are; the condition says why."""
    closed = replace(POLICY, closed_namespace="team")
    decision = decide_dag(replace(seen(dag(MANUAL)), policy=closed), after(1))
    assert conditions(decision)[0] == ("Ready", "False", "OwnNamespace")
    assert not {"CreateRevision", "CreateRun"} & {*kinds(decision)}
    assert written(decision)["conditions"][0]["message"] == (
        "metadata.namespace: Dags in team, the controller's own namespace, are not run: "
        "use another one, or the setting allowOwnNamespace"
    )
    waits = decide_run(run_snapshot(MANUAL, run(), policy=closed), after(5))
    assert written(waits)["waitingFor"][0]["reason"] == "DagNotReady"


def test_a_pod_that_the_policy_forbids() -> None:
    """The Dag is not Ready, for the task and the field; no run of it begins."""
    decision = decide_dag(replace(seen(dag(HOSTILE)), policy=STRICT), after(1))
    assert conditions(decision)[0] == ("Ready", "False", "PodForbidden")
    assert written(decision)["conditions"][0]["message"] == (
        "spec.tasks[1]: the Pod of task b: spec.hostNetwork true is not allowed by the Pod policy"
    )
    waits = decide_run(run_snapshot(HOSTILE, run(), policy=STRICT), after(5))
    assert written(waits)["waitingFor"][0]["reason"] == "DagNotReady"


def test_a_pod_that_is_forbidden_at_the_launch() -> None:
    """A run that was pinned before fails at that task, for good, with the same words."""
    spec = drawn_spec("a", {"a": {"pod": {"hostNetwork": True}, "retries": 3}})
    decision = decide_task(task_snapshot(spec=spec, admitted=True, policy=STRICT), after(1))
    patch = written(decision)
    assert (patch["state"], patch["reason"]) == ("Failed", "PodForbidden")
    assert patch["message"] == "spec.hostNetwork true is not allowed by the Pod policy"
    assert patch["failures"] == {"launch": 1}


def test_an_account_of_its_author() -> None:
    """It may be used where admission found so for this very spec, and where admission is trusted."""
    assert readiness(dag(LOADER, **granted(LOADER, "loader")), STRICT).plan is not None
    assert readiness(dag(LOADER, **granted(LOADER, "trainer")), STRICT).reason == "PodForbidden"
    assert readiness(dag(LOADER, **granted(MANUAL, "loader")), STRICT).reason == "PodForbidden"
    assert readiness(dag(LOADER), STRICT).reason == "PodForbidden"
    untrusting = replace(STRICT, trusts_authorship=False)
    assert readiness(dag(LOADER, **granted(LOADER, "loader")), untrusting).reason == "PodForbidden"
    open_to_all = replace(untrusting, pods=PodPolicy(service_accounts=("loader",)))
    assert readiness(dag(LOADER), open_to_all).plan is not None


@pytest.mark.parametrize(("trusts", "created"), [(True, ["CreatePod"]), (False, ["WriteStatus", "Tell"])])
def test_an_account_at_the_launch(*, trusts: bool, created: list[str]) -> None:
    """What was granted to the author of the revision counts, if admission is trusted."""
    policy = replace(STRICT, trusts_authorship=trusts)
    snapshot = task_snapshot(spec=LOADER, admitted=True, policy=policy, granted=frozenset({"loader"}))
    assert kinds(decide_task(snapshot, after(1))) == created
    assert kinds(decide_task(replace(snapshot, granted=frozenset()), after(1))) == ["WriteStatus", "Tell"]


@pytest.mark.parametrize("trusts", [True, False])
def test_the_pod_tells_its_authors(*, trusts: bool) -> None:
    """Who made the run and who wrote the spec, as far as admission has seen it and is trusted."""
    spec = drawn_spec("a")
    by_ada = replace(
        revision(spec), meta=replace(revision(spec).meta, authorship=dag(spec, **granted(spec)).meta.authorship)
    )
    made = run(annotations={CREATED_BY: "bob"})
    of_bob = replace(running(spec), meta=made.meta)
    policy = replace(STRICT, trusts_authorship=trusts)
    decision = decide_task(
        task_snapshot(spec=spec, admitted=True, policy=policy, revision=by_ada, run=of_bob), after(1)
    )
    create = decision.actions[0]
    assert isinstance(create, CreatePod)
    told = {CREATED_BY: "bob", WRITTEN_BY: "ada"}
    assert create.manifest["metadata"].get("annotations") == (told if trusts else None)


def test_accounts_to_ask_for() -> None:
    """Those that any place names, once each; none of a spec that is wrong, or where Pods are not judged."""
    spec = drawn_spec(
        "a; b; c; d; e",
        {
            "a": {"serviceAccountName": "one"},
            "b": {"pod": {"serviceAccount": "two", "serviceAccountName": "one"}},
            "c": {"pod": {"serviceAccountName": 3}},
            "d": {"noop": {}, "serviceAccountName": "never"},
            "e": {"serviceAccountName": "open"},
        },
        defaults={"pod": {"serviceAccountName": "three"}},
    )
    policy = replace(STRICT, pods=PodPolicy(service_accounts=("open",)))
    assert accounts_to_ask_for(canonical_json(spec), policy, "team") == ("one", "three", "two")
    assert accounts_to_ask_for(canonical_json(spec), POLICY, "team") == ()
    assert accounts_to_ask_for("{}", policy, "team") == ()


def test_many_tasks_of_one_kind() -> None:
    """They are told once, by the first of them."""
    spec = drawn_spec("; ".join(f"t{n}" for n in range(30)), defaults={"pod": {"hostPID": True}})
    faults = judge_dag(canonical_json(spec), STRICT, "team", frozenset()).faults
    assert [fault.path for fault in faults] == ["spec.tasks[0]"]


def test_a_policy_that_judges_nothing() -> None:
    """Whatever the namespace allows is left to the namespace."""
    lax = replace(POLICY, pods=PodPolicy(level=Level.PRIVILEGED, service_accounts=("*",)))
    assert judge_dag(canonical_json(HOSTILE), lax, "team", frozenset()).plan is not None
    assert judge_dag(canonical_json(HOSTILE), POLICY, "team", frozenset()).plan is not None


def test_told_faults_are_cut() -> None:
    """A condition's message has its limit, and ten faults in words."""
    faults = tuple(Fault(f"spec.tasks[{number}]", "x" * 999) for number in range(12))
    assert len(told_faults(faults)) == 4096
    assert told_faults(tuple(replace(fault, message="x") for fault in faults)).endswith("; and 2 more faults")
