"""`slipway trigger DAG`: a Dag's name and params -> a new DagRun, and on request its end."""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.cli.connect import exit_code
from controller.cli.kubernetes_yaml import load_all
from controller.cli.signing import signed
from controller.cli.waiting import SUCCESS, await_end, until_interrupted
from controller.decide.params import ParamsFault, resolve_params
from controller.decide.validity import judge_spec
from controller.errors import NotFound, SlipwayError, Usage
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.dag import parse_dag
from controller.model.metadata import Key, parse_meta
from controller.model.names import API_VERSION, LABEL_DAG, fit
from controller.model.plan import Plan
from controller.model.timestamps import format_time, parse_time


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    dag: str
    namespace: str | None
    context: str | None
    params: tuple[str, ...]
    params_file: str | None
    logical_date: str | None
    note: str | None
    dry_run: bool
    wait: bool
    timeout_seconds: float | None


def trigger(asked: Asked) -> int:
    """The exit code: 0, or with --wait how the run ended."""

    async def work(kube: Kube, namespace: str) -> int:
        manifest = await _manifest(kube, asked, namespace)
        if asked.dry_run:
            print(json.dumps(manifest, indent=2))
            return SUCCESS
        manifest["metadata"]["annotations"] = await signed(kube, "trigger")
        created = await kube.create(Kind.DAG_RUN, namespace, manifest)
        name = created["metadata"]["name"]
        print(f"dagrun.slipway.dev/{name} created", flush=True)
        return await await_end(kube, Key(namespace, name), asked.timeout_seconds) if asked.wait else SUCCESS

    return until_interrupted(lambda: exit_code((asked.namespace, asked.context), work))


async def _manifest(kube: Kube, asked: Asked, namespace: str) -> dict[str, Any]:
    plan = await _plan(kube, Key(namespace, asked.dag))
    params = _params(asked, plan)
    try:
        resolve_params(plan.spec.params, params)
    except ParamsFault as fault:
        raise Usage(str(fault)) from fault
    spec: dict[str, Any] = {"dagRef": {"name": asked.dag}, "runType": "manual"}
    if params:
        spec["params"] = params
    if asked.logical_date:
        spec["logicalDate"] = _logical_date(asked.logical_date)
    if asked.note:
        spec["note"] = asked.note
    name = fit(f"{asked.dag}-{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{secrets.token_hex(2)}")
    metadata = {"name": name, "namespace": namespace, "labels": {LABEL_DAG: asked.dag}}
    return {"apiVersion": API_VERSION, "kind": "DagRun", "metadata": metadata, "spec": spec}


async def _plan(kube: Kube, key: Key) -> Plan:
    try:
        raw = await kube.get(Kind.DAG, key)
    except NotFound as error:
        raise SlipwayError(f"there is no Dag {key.name} in namespace {key.namespace}") from error
    judgement = judge_spec(parse_dag(parse_meta(raw["metadata"]), raw).spec_json)
    if judgement.plan is None:
        raise SlipwayError(f"Dag {key.name} is not valid: {judgement.faults[0]}")
    return judgement.plan


def _params(asked: Asked, plan: Plan) -> dict[str, Any]:
    """The file's params, then those of the command line."""
    params: dict[str, Any] = {}
    if asked.params_file:
        try:
            documents = list(load_all(Path(asked.params_file).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise Usage(f"--params-file {asked.params_file}: {error}") from error
        if len(documents) != 1 or not isinstance(documents[0], dict):
            raise Usage(f"--params-file {asked.params_file}: must hold one object")
        params |= documents[0]
    for text in asked.params:
        name, equals, value = text.partition("=")
        if not equals:
            raise Usage(f"-p {text}: write NAME=VALUE")
        params[name] = param_value(plan.spec.params.get(name, {}), value)
    return params


def param_value(schema: dict[str, Any], text: str) -> Any:
    """The text itself where the schema wants a string, else the JSON it is, if it is any."""
    if schema.get("type") == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _logical_date(text: str) -> str:
    try:
        return format_time(parse_time(text))
    except ValueError as error:
        raise Usage(f"--logical-date: {error}") from error
