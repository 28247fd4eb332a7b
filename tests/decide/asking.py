"""Task `a` without a Pod, and what there is outside of its run, in few words."""

from typing import Any

from controller.decide.task import decide_task
from controller.model.action import Decision
from controller.model.dag import Dag, parse_dag
from controller.model.outside import Outside, Sight
from controller.model.snapshot import TaskSnapshot
from tests.decide.objects import after, meta, run, running, task_run, task_snapshot, told

Json = dict[str, Any]


def asked(kind: Json, status: Json | None = None, outside: Outside | None = None, **more: Any) -> TaskSnapshot:
    """The task of this kind; `of` has fields of its run's spec, `task` more fields of the task."""
    of, task = more.pop("of", {}), more.pop("task", {})
    spec = {"tasks": [{"name": "a", **kind, **task}], **more.pop("dag", {})}
    at_work = running(spec)
    found = run({"logicalDate": "2026-01-01T00:00:00Z", **of}, at_work.status.dump())
    (field,) = kind
    fields = {"task_run": task_run("a", status, {"kind": _snake(field)}), "run": found}
    return task_snapshot(status, spec=spec, outside=outside or Outside(), **{**fields, **more})


def begun(reason: str = "Http", message: str = "waits", since: float = 0, **more: Any) -> Json:
    """A status that has waited since 06:00, and was told so."""
    waiting = {"reason": reason, "message": message, "since": told(since)}
    return {"state": "Deferred", "try": 1, "startedAt": told(), "waitingFor": [waiting], **more}


def saw(seconds: float, values: Json | None, trouble: str = "", attempt: int = 1) -> Outside:
    """What a look at so many seconds after 06:00 saw."""
    return Outside(sight=Sight(after(seconds), attempt, values, trouble))


def other(spec: Json) -> Dag:
    """Dag x."""
    return parse_dag(meta("x"), {"spec": spec})


def decided(snapshot: TaskSnapshot, seconds: float) -> Decision:
    """What is decided so many seconds after 06:00."""
    return decide_task(snapshot, after(seconds))


def _snake(field: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)
