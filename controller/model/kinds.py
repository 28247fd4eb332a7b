"""The podless kinds of a task: what the controller itself does, without a Pod and without a slot of any limit.

at once      noop, branch, shortCircuit         settled by the run, no TaskRun
in time      wait, httpSensor, resourceSensor,  a TaskRun that is Deferred until then
             dagSensor, triggerDag, approval
"""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from controller.model.schema import Anything, Bool, Duration, Label, Written

Expression = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""CEL over `params`, `tasks`, `run`, `dag` and, in a mapped task, `item`."""
Template = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
OWN_HEADERS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect"}
)
"""Headers of a request that follow from its URL and from how it is sent; another Host would be another server."""
API_VERSION_PATTERN: Final = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?$"


class Noop(Written):
    """Nothing is run: the task succeeds as soon as its trigger rule holds. Useful to join branches."""


class BranchCase(Written):
    """One way that a branch may go."""

    when: Expression
    """CEL that must be true, such as `tasks.count.output.rows > 100`."""
    follow: Annotated[tuple[Label, ...], Field(max_length=1000)]
    """The tasks directly after the branch that then go on; the others are skipped."""


class Branch(Written):
    """Chooses which of the tasks directly after it go on. The first case that holds counts."""

    cases: Annotated[tuple[BranchCase, ...], Field(min_length=1, max_length=100)]
    """The cases in order."""
    otherwise: Annotated[tuple[Label, ...], Field(max_length=1000)] = ()
    """What goes on when no case holds. Default none."""


class ShortCircuit(Written):
    """Lets the run go on behind it only while a condition holds; otherwise what comes after it is skipped."""

    when: Expression
    """CEL that must be true for the run to go on."""
    skip_all: Bool = True
    """Whether all tasks behind it are skipped, whatever their trigger rules; false = only those directly after it, and
    the rules decide on the others. Default true."""


class Poll(Written):
    """How often something is looked at, and for how long."""

    interval: Duration | None = None
    """The time between two looks. Default 60s."""
    timeout: Duration | None = None
    """How long to go on looking, from the first look; then the task fails for good, without a retry. Default 7d."""
    soft_fail: Bool = False
    """Whether the task is skipped instead of failed when time is up. Default false."""


class Wait(Written):
    """Waits for a time. Exactly one of `for` and `until`."""

    for_: Annotated[Duration | None, Field(alias="for")] = None
    """A span from the moment that the task could start, such as 10m."""
    until: Template | None = None
    """A time such as 2026-01-31T06:00:00Z; `{{ run.intervalEnd }}` and params are filled in."""


class HttpSensor(Poll):
    """Asks a URL until the answer is as wanted."""

    url: Template
    """Where to ask, http or https; templates are filled in. A host without a dot is a Service of the namespace."""
    headers: Annotated[dict[str, Annotated[str, StringConstraints(max_length=4096)]], Field(max_length=50)] = {}
    """Headers to send. They stand in the Dag for all to read, so no secrets. Host and those of the connection are not
    for a Dag to set."""
    expect: Expression = "status >= 200 && status < 300"
    """CEL over `status` (a number), `body` (text, its first 64 KiB) and `json` (the body as data, else null), and over
    `params`, `run` and `dag`. Default: a status from 200 to 299."""


class ResourceSensor(Poll):
    """Looks at an object of the same namespace until it is as wanted. The controller needs the right to get it."""

    api_version: Annotated[str, StringConstraints(pattern=API_VERSION_PATTERN, max_length=253)]
    """Such as v1 or batch/v1."""
    resource: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+$", max_length=63)]
    """The kind's name in URLs: lower-case and plural, such as jobs."""
    name: Template
    """The object's name; templates are filled in."""
    expect: Expression
    """CEL over `object`, such as `object.status.succeeded >= 1`, and over `params`, `run` and `dag`. Of an object that
    does not exist it is null."""


class DagSensor(Poll):
    """Waits for runs of another Dag of the namespace that are about the same time as this run.

    These are the runs whose data intervals lie within this run's; where that Dag's slots are longer, the one that
    contains it. A run without a logical date has nothing to wait for.
    """

    dag: Label
    """The other Dag."""
    task: Label | None = None
    """A task of it; absent = the whole run."""
    offset: Duration | None = None
    """How much earlier those runs are about. Absent = the same time."""
    states: Annotated[tuple[Annotated[str, StringConstraints(max_length=32)], ...], Field(max_length=4)] = ("Success",)
    """What counts as arrived: Success, Failed or Skipped. Default Success."""
    fail_on: Annotated[tuple[Annotated[str, StringConstraints(max_length=32)], ...], Field(max_length=4)] = ()
    """What makes this task fail at once. Default nothing: it goes on waiting."""


class TriggerDag(Written):
    """Makes a run of another Dag of the namespace."""

    dag: Label
    """The Dag to run."""
    params: Annotated[dict[str, Anything], Field(max_length=100)] = {}
    """Params of the run; templates in text are filled in."""
    logical_date: Template | None = None
    """The run's logical date; templates are filled in. Absent = that of this run."""
    wait: Bool = True
    """Whether to wait for the run's end, and to end as it ended. Default true."""


class Approval(Written):
    """Asks people: the controller makes an Approval object, and goes on once somebody who may has answered it."""

    message: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    """What is asked; templates are filled in."""
    options: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=63)], ...], Field(min_length=1, max_length=20)
    ] = ("approve", "reject")
    """The answers to choose from. `reject` fails the task; any other lets it succeed with the answer as its output."""
    timeout: Duration | None = None
    """How long to wait. Absent = for ever."""
    default: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
    """The answer that counts when time is up. Absent = the task fails."""


REJECT: Final = "reject"
AT_ONCE: Final = ("noop", "branch", "short_circuit")
IN_TIME: Final = ("wait", "http_sensor", "resource_sensor", "dag_sensor", "trigger_dag", "approval")
WITH_POD: Final = ("command", "script", "python")
