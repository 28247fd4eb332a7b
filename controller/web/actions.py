"""What a caller wants done -> the one manifest or patch that asks for it, and how to ask for it without us."""

import json
import secrets
import time
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.decide.params import ParamsFault, resolve_params
from controller.decide.validity import judge_spec
from controller.model.dagrun import Cancel
from controller.model.names import API_VERSION, LABEL_DAG, fit
from controller.model.request import Clear, Mark
from controller.model.schema import Label, Timestamp
from controller.model.timestamps import format_time
from controller.web.answer import Answer, Asked
from controller.web.problems import Changed, Invalid

_FILE: Final = "file.yaml"


class Trigger(Asked):
    """A run that somebody wants now."""

    params: Annotated[dict[str, Any], Field(max_length=100)] = {}
    """Values for the Dag's params; those not named take their defaults."""
    logical_date: Timestamp | None = None
    """The time that the run is about. Absent = none."""
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """Anything to be said about the run."""
    name: Label | None = None
    """The DagRun's name. Absent = made of the Dag's name and the time."""
    dry_run: bool = False
    """Whether only to tell what would be created; the API server is asked whether it would accept it."""


class ClearRun(Clear):
    """Tasks that are to begin anew."""

    dry_run: bool = False
    """Whether only to tell which."""
    expect: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The `token` of a dry run: refused if something else would be touched by now."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the run is at this version."""


class MarkRun(Mark):
    """Tasks, or a run, that are to end as told."""

    dry_run: bool = False
    """Whether only to tell which."""
    expect: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The `token` of a dry run: refused if something else would be touched by now."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the run is at this version."""


class CancelRun(Asked):
    """The end of a run before its time."""

    mode: Cancel = Cancel.GRACEFUL
    """graceful lets Pods end and teardowns run, force kills everything at once. Default graceful."""
    dry_run: bool = False
    """Whether only to tell what would be ended."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the run is at this version."""


class Pause(Asked):
    """Whether a Dag or a run starts tasks."""

    paused: bool
    """true = it does not."""
    dry_run: bool = False
    """Whether only to tell what would be patched."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the object is at this version."""


class Done(Answer):
    """What was done, or with `dryRun` would be."""

    dry_run: bool
    """Whether nothing was done."""
    kind: str
    """Dag, DagRun, Pool, Backfill or Approval."""
    namespace: str
    """The object's namespace."""
    name: str
    """The object's name."""
    body: dict[str, Any]
    """The manifest or the merge patch that was sent, or would be."""
    command: str
    """The same with kubectl."""
    cleared: list[str] = []
    """Tasks and instances that begin anew, in topological order."""
    marked: list[str] = []
    """Those that end as told."""
    state: str | None = None
    """What these end as."""
    along: dict[str, int] = {}
    """What goes with what is deleted: how many objects of each kind, as the database knows them."""
    token: str | None = None
    """Names this outcome: give it as `expect`, and a different one is refused."""
    resource_version: str | None = None
    """The object's version afterwards."""


def run_manifest(namespace: str, dag: str, spec_json: str, asked: Trigger) -> dict[str, Any]:
    """The DagRun to create; Invalid where the params do not fit the Dag."""
    judgement = judge_spec(spec_json)
    if judgement.plan is None:
        raise Changed(f"Dag {dag} is not valid: {judgement.faults[0]}", way_on="Mend the Dag first")
    try:
        resolve_params(judgement.plan.spec.params, asked.params)
    except ParamsFault as fault:
        name = fault.param.replace("~", "~0").replace("/", "~1")
        raise Invalid(str(fault), pointer=f"/params/{name}") from fault
    spec: dict[str, Any] = {"dagRef": {"name": dag}, "runType": "manual"}
    if asked.params:
        spec["params"] = asked.params
    if asked.logical_date is not None:
        spec["logicalDate"] = format_time(asked.logical_date)
    if asked.note is not None:
        spec["note"] = asked.note
    name = asked.name or fit(f"{dag}-{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{secrets.token_hex(2)}")
    metadata = {"name": name, "namespace": namespace, "labels": {LABEL_DAG: dag}}
    return {"apiVersion": API_VERSION, "kind": "DagRun", "metadata": metadata, "spec": spec}


class Note(Asked):
    """What is to be said about a run."""

    note: Annotated[str, StringConstraints(max_length=1000)] | None
    """The text; null takes it away."""
    dry_run: bool = False
    """Whether only to tell what would be patched."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the run is at this version."""


class Slots(Asked):
    """How large a pool is to be."""

    slots: Annotated[int, Field(strict=True, ge=-1, le=1_000_000)]
    """Slots that tasks may take at once; -1 = without limit, 0 = nothing starts."""
    dry_run: bool = False
    """Whether only to tell what would be patched."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the pool is at this version."""


class GiveAnswer(Asked):
    """The answer to a question."""

    answer: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    """One of the question's options. `reject` fails the task. It can be given once."""
    comment: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """Anything that is to be said about it."""
    dry_run: bool = False
    """Whether only to tell what would be patched."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the approval is at this version."""


class ApproveBackfill(Asked):
    """That a backfill which was only planned begins."""

    dry_run: bool = False
    """Whether only to tell what would be patched."""
    resource_version: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Refused unless the backfill is at this version."""


def merge_patch(
    spec: dict[str, Any], resource_version: str | None, annotations: dict[str, str] | None = None
) -> dict[str, Any]:
    """The merge patch of a spec, bound to a version where one is given, with who asks for it."""
    metadata: dict[str, Any] = {"resourceVersion": resource_version} if resource_version is not None else {}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec} if metadata else {"spec": spec}


def create_command() -> str:
    """How to create the manifest without us."""
    return f"kubectl create -f {_FILE}"


def patch_command(resource: str, namespace: str, name: str, patch: dict[str, Any]) -> str:
    """How to send the patch without us."""
    text = json.dumps({"spec": patch["spec"]}, separators=(",", ":")).replace("'", "'\\''")
    return f"kubectl -n {namespace} patch {resource} {name} --type merge -p '{text}'"
