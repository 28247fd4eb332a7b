"""`slipway backfill create` and `list`: a Dag and two times -> a Backfill, or the plan that it would have.

The plan of a dry run is made by the controller's own decider from the objects as they are now.
"""

import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from pydantic import ValidationError

from controller.cli.output import print_table
from controller.cli.signing import signed
from controller.cli.trigger import param_value
from controller.decide.backfill.preview import preview
from controller.errors import NotFound, SlipwayError, Usage
from controller.model.action import Kind
from controller.model.backfill import Backfill, BackfillState, parse_backfill
from controller.model.dag import Dag, parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key, parse_meta
from controller.model.names import API_VERSION, LABEL_DAG, fit, revision_name
from controller.model.policy import Policy
from controller.model.snapshot import BackfillSnapshot
from controller.model.timestamps import format_time, parse_time

SUCCESS: Final = 0
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object."""

    async def caller(self) -> str:
        """Who we are to the API server."""

    async def create(self, kind: Kind, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        """The object as it was created."""

    async def list_all(self, kind: Kind, namespace: str | None = None) -> list[dict[str, Any]]:
        """Every object of the kind."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    dag: str
    dates: tuple[str, str]
    name: str | None
    fields: dict[str, Any]
    """Of the spec, as they are written there."""
    params: tuple[str, ...]
    dry_run: bool


async def create_backfill(cluster: Cluster, namespace: str, asked: Asked) -> int:
    """Create it, or print its plan; the exit code."""
    dag = await _dag(cluster, Key(namespace, asked.dag))
    manifest = _manifest(asked, dag, namespace)
    if asked.dry_run:
        await _show_plan(cluster, dag, manifest)
        return SUCCESS
    manifest["metadata"]["annotations"] = await signed(cluster, "backfill")
    created = await cluster.create(Kind.BACKFILL, namespace, manifest)
    print(f"backfill.slipway.dev/{created['metadata']['name']} created")
    return SUCCESS


async def list_backfills(cluster: Cluster, namespace: str) -> int:
    """Print them, the newest first."""
    found = await cluster.list_all(Kind.BACKFILL, namespace)
    found.sort(key=lambda raw: (raw["metadata"]["creationTimestamp"], raw["metadata"]["name"]), reverse=True)
    print_table(("NAME", "DAG", "STATE", "DONE", "FAILED", "FROM", "TO", "REASON"), [_line(raw) for raw in found])
    return SUCCESS


def _line(raw: dict[str, Any]) -> tuple[str, ...]:
    spec, status = raw["spec"], raw.get("status") or {}
    counts = (status.get("done") or "", str(status.get("failed") or 0))
    why = (status.get("waitingFor") or [status])[0].get("message") or ""
    return (
        raw["metadata"]["name"],
        spec["dagRef"]["name"],
        status.get("state") or "",
        *counts,
        spec["from"],
        spec["to"],
        why,
    )


async def _dag(cluster: Cluster, key: Key) -> Dag:
    try:
        raw = await cluster.get(Kind.DAG, key)
    except NotFound as error:
        raise SlipwayError(f"there is no Dag {key.name} in namespace {key.namespace}") from error
    return parse_dag(parse_meta(raw["metadata"]), raw)


def _manifest(asked: Asked, dag: Dag, namespace: str) -> dict[str, Any]:
    first, last = (_time(text, option) for text, option in zip(asked.dates, ("--from-date", "--to-date"), strict=True))
    spec: dict[str, Any] = {"dagRef": {"name": asked.dag}, "from": first, "to": last, **asked.fields}
    if asked.params:
        spec["params"] = dict(_params(asked.params, dag))
    name = asked.name or fit(f"{asked.dag}-{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{secrets.token_hex(2)}")
    metadata = {"name": name, "namespace": namespace, "labels": {LABEL_DAG: asked.dag}}
    return {"apiVersion": API_VERSION, "kind": "Backfill", "metadata": metadata, "spec": spec}


def _time(text: str, option: str) -> str:
    """A day alone is its midnight in UTC."""
    try:
        return format_time(parse_time(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text))
    except ValueError as error:
        raise Usage(f"{option}: {error}") from error


def _params(texts: tuple[str, ...], dag: Dag) -> Iterator[tuple[str, Any]]:
    schemas = json.loads(dag.spec_json).get("params") or {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise Usage(f"-p {text}: write NAME=VALUE")
        yield name, param_value(schemas.get(name) or {}, value)


async def _show_plan(cluster: Cluster, dag: Dag, manifest: dict[str, Any]) -> None:
    namespace, now = dag.meta.namespace, datetime.now(UTC)
    raws = await cluster.list_all(Kind.DAG_RUN, namespace)
    runs = [
        parse_dag_run(parse_meta(raw["metadata"]), raw)
        for raw in raws
        if raw["spec"]["dagRef"]["name"] == dag.meta.name
    ]
    others = [_backfill(raw) for raw in await cluster.list_all(Kind.BACKFILL, namespace)]
    rivals = [other for other in others if other.spec.dag_ref.name == dag.meta.name]
    status = preview(_snapshot(dag, manifest, runs, rivals, now), now, most=sys.maxsize, listed=0).status
    if status.state is BackfillState.FAILED or status.plan is None:
        raise SlipwayError(status.message or "the backfill can't be planned: is the Dag valid?")
    plan = status.plan
    print_table(
        ("LOGICAL DATE", "RUN", "PLAN"), [(format_time(s.logical_date), s.run, s.plan.value) for s in plan.slots]
    )
    if plan.total > len(plan.slots):
        print(f"... and {plan.total - len(plan.slots)} more")
    print(
        f"{plan.total} slots: create {plan.create}, reprocess {plan.reprocess}, exists {plan.exists}, "
        f"in flight {plan.in_flight}"
    )


def _snapshot(
    dag: Dag, manifest: dict[str, Any], runs: list[DagRun], others: list[Backfill], now: datetime
) -> BackfillSnapshot:
    """What the decider would see if the backfill were there."""
    born = {"uid": "dry-run", "resourceVersion": "1", "creationTimestamp": format_time(now)}
    name = revision_name(dag.meta.name, dag.spec_json)
    about = parse_meta({**born, "name": name, "namespace": dag.meta.namespace})
    return BackfillSnapshot(
        backfill=_backfill({**manifest, "metadata": {**manifest["metadata"], **born}}),
        dag=dag,
        revision=parse_revision(about, {"data": json.loads(dag.spec_json)}),
        others=tuple(other for other in others if not other.is_final),
        runs={run.meta.key: run for run in runs},
        dates=sorted((date, run.meta.created_at, run.meta.key) for run in runs if (date := run.spec.logical_date)),
        active=(),
        failed=0,
        status_written_at=None,
        policy=Policy(default_task_image=""),
    )


def _backfill(raw: dict[str, Any]) -> Backfill:
    try:
        return parse_backfill(parse_meta(raw["metadata"]), raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Usage(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
