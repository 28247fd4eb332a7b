"""`slipway self-test`: the servers' addresses and a namespace -> whether they answer, and whether a Dag runs there.

`helm test` calls it. The Dag has one task and a name of its own; whatever happens, it is deleted with its run.
"""

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any, Final

from controller.cli.connect import exit_code
from controller.cli.waiting import Cluster, await_end, told, until_interrupted
from controller.errors import NotFound, SlipwayError
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import API_VERSION

FAILED: Final = 1
_ANSWER_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 1


def self_test(urls: Sequence[str], where: tuple[str | None, str | None], seconds: float) -> int:
    """The exit code: 0 when every URL answers 200 and the run succeeds, else as `slipway wait` has it."""
    for url in urls:
        fault = _fault(url)
        if fault is not None:
            return told(f"{url}: {fault}", FAILED)
        print(f"{url} answers", flush=True)

    async def work(kube: Kube, namespace: str) -> int:
        return await _run_a_dag(kube, namespace, seconds)

    return until_interrupted(lambda: exit_code(where, work))


def _fault(url: str) -> str | None:
    """What is wrong with the address after a minute of asking; None once it answers 200."""
    if not url.startswith(("http://", "https://")):
        return "is not an http:// or https:// address"
    give_up_at = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 http and https alone, as asked for above
                return None
        except (urllib.error.URLError, OSError) as error:
            fault = str(error)
        if time.monotonic() >= give_up_at:
            return fault
        time.sleep(_PAUSE_SECONDS)


async def _run_a_dag(kube: Kube, namespace: str, seconds: float) -> int:
    dag = Key(namespace, f"slipway-self-test-{secrets.token_hex(3)}")
    run = Key(namespace, f"{dag.name}-run")
    task = {"name": "hello", "script": "echo Slipway runs"}
    spec = {"description": "Made by slipway self-test.", "tasks": [task]}
    made = await kube.create(Kind.DAG, namespace, _manifest("Dag", dag, spec))
    print(f"dag.slipway.dev/{dag.name} created in namespace {namespace}", flush=True)
    try:
        await kube.create(Kind.DAG_RUN, namespace, _manifest("DagRun", run, {"dagRef": {"name": dag.name}}))
        code = await await_end(kube, run, seconds)
        if code:
            await _explain(kube, dag, run)
        return code
    finally:
        await _delete(kube, dag, made["metadata"]["uid"])


async def _explain(kube: Cluster, dag: Key, run: Key) -> None:
    """Print how the Dag and its run stood before they go."""
    for kind, key in ((Kind.DAG, dag), (Kind.DAG_RUN, run)):
        raw = await kube.get(kind, key)
        print(f"{kind.value} {key.name}: {json.dumps(raw.get('status') or {})}", flush=True)


async def _delete(kube: Kube, key: Key, uid: str) -> None:
    try:
        await kube.delete(Kind.DAG, key, uid)
    except NotFound:
        return
    except SlipwayError:
        told(f"Dag {key.name} stays in namespace {key.namespace}: delete it by hand", FAILED)
        raise


def _manifest(kind: str, key: Key, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": key.name, "namespace": key.namespace}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
