"""What an operator sees of the installed Slipway: metrics that move with the work, a doctor that finds what is ill."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from controller.model.crd import crd
from controller.model.resources import RESOURCES
from tests.cluster import Cluster
from tests.e2e.install import NAMESPACE, RELEASE, kubectl
from tests.e2e.local_controller import LocalController, installed_one_stopped
from tests.e2e.world import World
from tests.measure.measured import name_of
from tests.traces.receiver import receiving, values_of

pytestmark = pytest.mark.cluster

_PROBES: Final = 8080
_CHECKS: Final = {
    "cluster",
    "clock",
    "crds",
    "rights",
    "controller",
    "leader",
    "controller-clock",
    "watches",
    "metastore",
}


def leader(cluster: Cluster) -> str:
    """The path of the Pod of the installed controller that decides, through the API server's proxy."""
    found = json.loads(kubectl(cluster, "-n", NAMESPACE, "get", "pods", "-o", "json"))["items"]
    running = [each for each in found if "deletionTimestamp" not in each["metadata"]]
    pods = [each for each in running if any(part["name"] == "controller" for part in each["spec"]["containers"])]
    paths = [f"/api/v1/namespaces/{NAMESPACE}/pods/{each['metadata']['name']}:{_PROBES}/proxy" for each in pods]
    return next(path for path in paths if metrics_at(cluster, path).get("slipway_leader") == 1)


def metrics_at(cluster: Cluster, path: str) -> Mapping[str, float]:
    """Every sample of the controller's metrics."""
    text = kubectl(cluster, "get", "--raw", f"{path}/metrics")
    return {
        name_of(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def doctor(cluster: Cluster, namespace: str, **env: str) -> tuple[int, list[dict[str, str]]]:
    """The exit code and the findings of `slipway doctor`."""
    words = [sys.executable, "-m", "controller", "doctor", "-o", "json", "-n", namespace]
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig), **env}
    environment.pop("SLIPWAY_DATABASE_URL", None)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    findings: list[dict[str, str]] = json.loads(done.stdout)["findings"]
    return done.returncode, findings


def failed(findings: list[dict[str, str]]) -> set[str]:
    """The checks that found something which does not work."""
    return {each["check"] for each in findings if each["level"] == "fail"}


def test_metrics_move_with_the_work(world: World) -> None:
    """One run with a task that fails once: what is counted of it, and that nothing of it is left waiting."""
    path = leader(world.cluster)
    before = metrics_at(world.cluster, path)
    script = 'test "$SLIPWAY_TRY" = 2'
    world.dag("counted", [{"name": "a", "script": script, "retries": 1, "retryDelay": "1s"}])
    world.trigger("counted", "counted-run")
    assert world.ended("counted-run")["status"]["state"] == "Success"
    mine = f'dag="counted",namespace="{world.namespace}"'

    def told() -> Mapping[str, float]:
        return metrics_at(world.cluster, path)

    run = f'slipway_runs_finished_total{{{mine},state="Success",type="manual"}}'
    world.until("the run is counted", lambda: told().get(run) == 1)
    world.until("the rows are written", lambda: told()["slipway_metastore_pending"] == 0)
    after = told()

    def rose(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert after[f"slipway_run_duration_seconds_count{{{mine}}}"] == 1
    assert after[f"slipway_task_duration_seconds_count{{{mine}}}"] == 2
    assert rose('slipway_attempts_total{outcome="application",reason="Error"}') >= 1
    assert rose('slipway_attempts_total{outcome="success",reason="Completed"}') >= 1
    assert rose("slipway_task_queue_seconds_count") >= 2
    assert rose('slipway_scheduler_lag_seconds_count{of="task"}') >= 1
    assert rose('slipway_api_requests_total{code="201",verb="create"}') >= 3
    assert rose('slipway_decisions_total{question="task"}') >= 3
    assert after[f'slipway_pool_slots{{namespace="{world.namespace}",pool="default"}}'] == 128
    assert after["slipway_metastore_healthy"] == 1
    for kind in ("Pod", "TaskRun", "ControllerRevision", "Dag", "DagRun"):
        assert (
            after[f'slipway_watch_age_seconds{{kind="{kind}"}}']
            < after[f'slipway_watch_age_limit_seconds{{kind="{kind}"}}']
        )
    assert not any("counted-run" in name for name in after)


def test_an_exhausted_pool_and_an_invalid_dag_are_told(world: World) -> None:
    """As Events of the Pool and of the Dag, once each."""
    world.apply(
        {"apiVersion": "slipway.dev/v1alpha1", "kind": "Pool", "metadata": {"name": "one"}, "spec": {"slots": 1}}
    )
    world.dag("wide", [{"name": f"t{number}", "script": "sleep 5", "pool": "one"} for number in range(2)])
    world.trigger("wide", "wide-run")

    def reasons() -> list[str]:
        return [each["reason"] for each in world.listed("events")]

    world.until("the pool is told of", lambda: "PoolExhausted" in reasons())
    world.until("the condition says so", lambda: world.condition("pool", "one", "Exhausted").get("status") == "True")
    assert world.ended("wide-run")["status"]["state"] == "Success"
    assert reasons().count("PoolExhausted") == 1


def test_a_doctor_with_nothing_to_do(world: World) -> None:
    """On the installation as it is: every part was looked at, none is skipped for want of a right, none is ill."""
    world.dag("well", [{"name": "a", "script": "true"}])
    world.trigger("well", "well-run")
    world.ended("well-run")

    def is_well() -> list[dict[str, str]] | None:
        code, findings = doctor(world.cluster, world.namespace)
        return findings if code == 0 else None

    findings: list[dict[str, str]] = world.until("the doctor finds nothing ill", is_well, 60)
    looked_at = {each["check"] for each in findings if each["level"] != "skipped"}
    assert looked_at >= _CHECKS, findings


def test_a_definition_of_another_version(world: World) -> None:
    """The doctor names the definition and the place, and what to do."""
    ours = next(crd(resource) for resource in RESOURCES if resource.plural == "pools")
    other = [{"op": "replace", "path": "/spec/names/shortNames", "value": ["otherpool"]}]
    name = "pools.slipway.dev"
    with _patched(world.cluster, name, other, ours["spec"]["names"]["shortNames"]):
        code, findings = doctor(world.cluster, world.namespace)
    [found] = [each for each in findings if each["check"] == "crds"]
    assert (code, found["level"]) == (1, "fail")
    assert f"{name} (names.shortNames)" in found["message"]
    assert "helm upgrade" in found["fix"]


@contextmanager
def _patched(cluster: Cluster, name: str, patch: list[dict[str, Any]], before: list[str]) -> Iterator[None]:
    """The definition is changed inside, and as it was afterwards."""
    kubectl(cluster, "patch", "crd", name, "--type=json", "-p", json.dumps(patch))
    try:
        yield
    finally:
        back = [{"op": "replace", "path": "/spec/names/shortNames", "value": before}]
        kubectl(cluster, "patch", "crd", name, "--type=json", "-p", json.dumps(back))


def test_a_controller_that_is_scaled_to_nothing(world: World) -> None:
    """The doctor says so, and how to bring it back."""
    with installed_one_stopped(world.cluster):
        code, findings = doctor(world.cluster, world.namespace)
    [found] = [each for each in findings if each["check"] == "controller"]
    assert (code, found["level"]) == (1, "fail")
    assert f"{NAMESPACE}/{RELEASE} is scaled to 0" in found["message"]
    assert "--replicas=1" in found["fix"]
    world.until("the controller is well again", lambda: not failed(doctor(world.cluster, world.namespace)[1]), 60)


def test_who_may_read_little(world: World) -> None:
    """A view of one namespace is enough: what may not be read is skipped, and nothing is called ill for that."""
    world.kubectl("create", "serviceaccount", "reader")
    rights = ("--verb=get,list,watch", "--resource=dags.slipway.dev,dagruns.slipway.dev,taskruns.slipway.dev,pods")
    world.kubectl("create", "role", "reader", *rights)
    world.kubectl("create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={world.namespace}:reader")
    token = world.kubectl("create", "token", "reader").strip()
    config = json.loads(kubectl(world.cluster, "config", "view", "--raw", "-o", "json"))
    config["users"] = [{"name": each["name"], "user": {"token": token}} for each in config["users"]]
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"{world.namespace}-reader.json"
    path.write_text(json.dumps(config))
    code, findings = doctor(world.cluster, world.namespace, KUBECONFIG=str(path))
    path.unlink()
    assert (code, failed(findings)) == (0, set()), findings
    levels = {each["check"]: each["level"] for each in findings}
    assert {levels[check] for check in ("controller", "crds", "webhook")} == {"skipped"}
    assert levels["rights"] == "warn"
    assert {levels[check] for check in ("dags", "runs", "tasks", "pods")} == {"ok"}


def test_spans_of_a_real_run(world: World, tmp_path: Path) -> None:
    """They arrive when the run ends, with the ids that the Pod's TRACEPARENT has; a restart sends them again."""
    controller = LocalController(world.cluster, tmp_path)
    with receiving() as (receiver, url), installed_one_stopped(world.cluster):
        controller.migrate()
        settings = {"SLIPWAY_TRACING": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        controller.start(**settings)
        try:
            controller.until_ready()
            world.dag("traced", [{"name": "a", "script": 'echo "$TRACEPARENT"'}])
            world.trigger("traced", "traced-run")
            assert world.ended("traced-run")["status"]["state"] == "Success"
            said = world.log("traced-run-a-1").strip()

            def ours() -> list[Any]:
                return [span for span in receiver.spans if values_of(span)["slipway.run"] == "traced-run"]

            world.until("the spans arrive", lambda: len(ours()) == 2, 30)
            run, attempt = ours()
            assert said == f"00-{run.trace_id.hex()}-{attempt.span_id.hex()}-01"
            assert attempt.parent_span_id == run.span_id
            controller.kill()
            controller.start(**settings)
            world.until("they arrive again", lambda: len(ours()) == 4, 60)
            assert {span.span_id for span in ours()} == {run.span_id, attempt.span_id}
        finally:
            controller.stop()
