"""The kinds of Slipway: their models, their columns in `kubectl get`, and the rules that no single field can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from controller.model.approval import ApprovalSpec, ApprovalStatus
from controller.model.backfill import BackfillSpec, BackfillStatus
from controller.model.dag import DagSpec, DagStatus
from controller.model.dagrun import DagRunSpec, DagRunStatus
from controller.model.pool import PoolSpec, PoolStatus
from controller.model.taskrun import TaskRunSpec, TaskRunStatus


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`; priority 1 is shown by -o wide alone."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind, and everything of its CRD that the models don't say."""

    kind: str
    plural: str
    description: str
    spec: type[BaseModel]
    status: type[BaseModel]
    columns: tuple[Column, ...]
    short_names: tuple[str, ...] = ()
    selectable: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    """CEL rules on the whole object, with their messages."""
    spec_rules: tuple[tuple[str, str], ...] = ()
    status_defaults: Mapping[str, Any] = field(default_factory=dict)


_DNS_NAME: Final = (
    "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    "the name must be a DNS label: lower-case letters, digits and dashes, 63 at most",
)


def _fixed(*fields: str) -> tuple[tuple[str, str], ...]:
    """Rules that keep these fields of a spec as they were created."""
    return tuple(
        (
            f"has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || self.{name} == oldSelf.{name})",
            f"{name} can't be changed",
        )
        for name in fields
    )


RESOURCES: Final = (
    Resource(
        kind="Dag",
        plural="dags",
        description="A graph of tasks and when to run it.",
        spec=DagSpec,
        status=DagStatus,
        columns=(
            Column("SCHEDULE", ".status.schedule"),
            Column("PAUSED", '.status.conditions[?(@.type=="Paused")].status'),
            Column("LAST-STATE", ".status.lastState"),
            Column("LAST-RUN", ".status.lastRun", priority=1),
            Column("NEXT-RUN", ".status.nextRun"),
            Column("ACTIVE", ".status.activeRuns", "integer"),
            Column("READY", '.status.conditions[?(@.type=="Ready")].status'),
            Column("TIMEZONE", ".spec.schedule.timezone", priority=1),
            Column("TASKS", ".status.taskCount", "integer", priority=1),
            Column("VERSION", ".status.revision", priority=1),
            Column("OWNER", ".spec.owner", priority=1),
            Column("REASON", '.status.conditions[?(@.type=="Ready")].message', priority=1),
        ),
        rules=(_DNS_NAME,),
    ),
    Resource(
        kind="DagRun",
        plural="dagruns",
        description="One execution of a Dag.",
        spec=DagRunSpec,
        status=DagRunStatus,
        columns=(
            Column("DAG", ".spec.dagRef.name"),
            Column("STATE", ".status.state"),
            Column("TASKS", ".status.tasks"),
            Column("TYPE", ".spec.runType"),
            Column("STARTED", ".status.startedAt", "date"),
            Column("DURATION", ".status.duration"),
            Column("WHY", ".status.waitingFor[0].reason", priority=1),
            Column("LOGICAL-DATE", ".spec.logicalDate", priority=1),
            Column("CREATED-BY", r".metadata.annotations.slipway\.dev/created-by", priority=1),
            Column("VERSION", ".status.revision", priority=1),
            Column("REASON", ".status.message", priority=1),
        ),
        short_names=("drun",),
        selectable=(".spec.dagRef.name", ".spec.runType", ".status.state"),
        rules=(_DNS_NAME,),
        spec_rules=_fixed("dagRef", "runType", "runId", "logicalDate", "intervalStart", "intervalEnd"),
        status_defaults={"state": "Queued"},
    ),
    Resource(
        kind="TaskRun",
        plural="taskruns",
        description="One task of one run, made by the controller; say taskruns.slipway.dev where Tekton is installed.",
        spec=TaskRunSpec,
        status=TaskRunStatus,
        columns=(
            Column("TASK", ".spec.task"),
            Column("STATE", ".status.state"),
            Column("TRY", ".status.try", "integer"),
            Column("WHY", ".status.waitingFor[0].reason"),
            Column("POD", ".status.pod"),
            Column("DAGRUN", ".spec.dagRunRef.name", priority=1),
            Column("NODE", ".status.node", priority=1),
            Column("EXIT", ".status.exitCode", "integer", priority=1),
            Column("DURATION", ".status.duration", priority=1),
            Column("REASON", ".status.message", priority=1),
        ),
        short_names=("dtr",),
        selectable=(".spec.dagRunRef.name", ".status.state"),
        spec_rules=_fixed("dagRunRef", "dagRef", "task", "index", "logicalDate", "pool", "poolSlots", "kind"),
        status_defaults={"state": "Scheduled"},
    ),
    Resource(
        kind="Pool",
        plural="pools",
        description="A number of slots that tasks of any Dag in the namespace share.",
        spec=PoolSpec,
        status=PoolStatus,
        columns=(
            Column("SLOTS", ".spec.slots", "integer"),
            Column("USED", ".status.used", "integer"),
            Column("QUEUED", ".status.queued", "integer"),
            Column("DESCRIPTION", ".spec.description", priority=1),
        ),
        short_names=("dpool",),
        rules=(_DNS_NAME,),
    ),
    Resource(
        kind="Approval",
        plural="approvals",
        description="A question that a task asks, made by the controller; whoever may patch it may answer it.",
        spec=ApprovalSpec,
        status=ApprovalStatus,
        columns=(
            Column("DAG", ".spec.dagRef.name"),
            Column("RUN", ".spec.dagRunRef.name"),
            Column("TASK", ".spec.task"),
            Column("STATE", ".status.state"),
            Column("OPTIONS", ".spec.options"),
            Column("ANSWER", ".spec.answer"),
            Column("BY", ".spec.by"),
            Column("MESSAGE", ".spec.message", priority=1),
            Column("EXPIRES", ".spec.expiresAt", priority=1),
        ),
        short_names=("dapp",),
        selectable=(".spec.dagRunRef.name", ".status.state"),
        spec_rules=(
            *_fixed("dagRef", "dagRunRef", "taskRunRef", "task", "try", "message", "options", "default", "expiresAt"),
            ("!has(self.answer) || self.answer in self.options", "answer must be one of the options"),
            (
                "!has(oldSelf.answer) || (has(self.answer) && self.answer == oldSelf.answer)",
                "answer was given and can't be changed",
            ),
        ),
        status_defaults={"state": "Open"},
    ),
    Resource(
        kind="Backfill",
        plural="backfills",
        description="Runs for a stretch of a Dag's past.",
        spec=BackfillSpec,
        status=BackfillStatus,
        columns=(
            Column("DAG", ".spec.dagRef.name"),
            Column("STATE", ".status.state"),
            Column("DONE", ".status.done"),
            Column("FAILED", ".status.failed", "integer"),
            Column("FROM", ".spec.from", priority=1),
            Column("TO", ".spec.to", priority=1),
            Column("REPROCESS", ".spec.reprocess", priority=1),
            Column("MAX-ACTIVE", ".spec.maxActiveRuns", "integer", priority=1),
            Column("REASON", ".status.message", priority=1),
        ),
        short_names=("dbf",),
        selectable=(".spec.dagRef.name", ".status.state"),
        rules=(_DNS_NAME,),
        spec_rules=_fixed("dagRef", "from", "to", "runBackwards", "reprocess", "gaps"),
        status_defaults={"state": "Planning"},
    ),
)
