"""`slipway approvals`, `approve` and `reject`: questions that tasks ask -> a table, or the answer to one."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from controller.cli.latest import run_named
from controller.cli.output import check_format, print_json, print_table
from controller.errors import NotFound, SlipwayError, Usage
from controller.model.action import Kind
from controller.model.approval import ApprovalState
from controller.model.instance import task_and_index
from controller.model.kinds import REJECT
from controller.model.metadata import Key
from controller.model.names import task_run_name
from controller.model.status_patch import MERGE_PATCH

SUCCESS: Final = 0
UNCHANGED: Final = 3
APPROVE: Final = "approve"


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object."""

    async def list_all(self, kind: Kind, namespace: str | None = None) -> list[dict[str, Any]]:
        """Every object of the kind."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = ...) -> dict[str, Any]:
        """The object after the patch."""

    async def caller(self) -> str:
        """Who we are to the API server."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    name: str
    """The Approval or, with a task, the run that waits."""
    task: str | None
    answer: str | None
    """None = yes: `approve`, or the one option besides `reject`."""
    comment: str | None


async def show_approvals(cluster: Cluster, namespace: str, output: str, *, every: bool) -> int:
    """Print the questions that can be answered, or every one, the oldest first."""
    check_format(output)
    raws = [raw for raw in await cluster.list_all(Kind.APPROVAL, namespace) if every or _is_open(raw)]
    raws.sort(key=lambda raw: (raw["metadata"]["creationTimestamp"], raw["metadata"]["name"]))
    if output == "json":
        print_json(raws)
    else:
        titles = ("NAME", "RUN", "TASK", "STATE", "OPTIONS", "ANSWER", "BY", "MESSAGE")
        print_table(titles, [_line(raw) for raw in raws])
    return SUCCESS


async def give_answer(cluster: Cluster, namespace: str, asked: Asked) -> int:
    """Answer the question, unless it is answered so already; the exit code."""
    raw = await _question(cluster, namespace, asked)
    name, spec = raw["metadata"]["name"], raw["spec"]
    answer = _chosen(asked.answer, spec["options"])
    if not _is_open(raw):
        return _refused(raw, answer)
    by = await cluster.caller()
    said = {"answer": answer, "by": by[:253] or None, "comment": asked.comment}
    patch = {"spec": {field: value for field, value in said.items() if value is not None}}
    await cluster.patch(Kind.APPROVAL, Key(namespace, name), patch, MERGE_PATCH)
    print(f"approval.slipway.dev/{name} answered {answer}")
    return SUCCESS


async def _question(cluster: Cluster, namespace: str, asked: Asked) -> dict[str, Any]:
    if asked.task is None:
        try:
            return await cluster.get(Kind.APPROVAL, Key(namespace, asked.name))
        except NotFound as error:
            message = f"there is no approval {asked.name} in namespace {namespace}: `slipway approvals` lists them"
            raise SlipwayError(message) from error
    run = await run_named(cluster, namespace, asked.name)
    raws = [raw for raw in await cluster.list_all(Kind.APPROVAL, namespace) if _is_open(raw)]
    found = [raw for raw in raws if raw["spec"]["dagRunRef"]["name"] == run and _is_of(raw, run, asked.task)]
    if not found:
        raise SlipwayError(f"task {asked.task} of run {run} asks nothing now")
    if len(found) > 1:
        names = ", ".join(sorted(raw["metadata"]["name"] for raw in found))
        raise Usage(f"task {asked.task} of run {run} asks more than once, so name one: {names}")
    return found[0]


def _is_of(raw: dict[str, Any], run: str, task: str) -> bool:
    """Whether the task asks it, or of a mapped one the instance."""
    name, index = task_and_index(task)
    asks: str = raw["spec"]["taskRunRef"]["name"]
    return bool(raw["spec"]["task"] == name) and (index is None or asks == task_run_name(run, name, index))


def _is_open(raw: dict[str, Any]) -> bool:
    state = (raw.get("status") or {}).get("state", ApprovalState.OPEN.value)
    return state == ApprovalState.OPEN.value and not raw["spec"].get("answer")


def _chosen(answer: str | None, options: list[str]) -> str:
    told = ", ".join(options)
    if answer is not None:
        if answer not in options:
            raise Usage(f"{answer} is not an answer to it: the options are {told}")
        return answer
    yes = [option for option in options if option != REJECT]
    if APPROVE in yes:
        return APPROVE
    if len(yes) != 1:
        raise Usage(f"say which answer with --answer: the options are {told}")
    return yes[0]


def _refused(raw: dict[str, Any], answer: str) -> int:
    """What an answer comes to that comes too late."""
    name, spec = raw["metadata"]["name"], raw["spec"]
    if spec.get("answer") == answer:
        print(f"approval.slipway.dev/{name} unchanged")
        return UNCHANGED
    if spec.get("answer"):
        raise SlipwayError(f"{spec.get('by') or 'somebody'} has answered {spec['answer']} to {name} already")
    raise SlipwayError(f"the task that asked {name} has ended without an answer")


def _line(raw: dict[str, Any]) -> tuple[str, ...]:
    spec = raw["spec"]
    state = (raw.get("status") or {}).get("state", ApprovalState.OPEN.value)
    told = (spec["dagRunRef"]["name"], spec["task"], state, ",".join(spec["options"]))
    message = " ".join(spec["message"].split())
    return (raw["metadata"]["name"], *told, spec.get("answer") or "", spec.get("by") or "", message)
