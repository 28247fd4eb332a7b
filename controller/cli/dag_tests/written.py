"""A file -> the DagTests in it, each with the Dag that it is about.

    apiVersion: slipway.dev/v1alpha1
    kind: DagTest
    metadata: {name: branching}
    spec:
      dag: ../04-branching.yaml      # next to this file; absent = the Dag in this file
      cases:
      - name: what failed is repaired
        outcomes: {measure: failed}
        expect: {run: success, tasks: {repair: success}}

It is for `slipway test` alone: no cluster knows the kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from controller.cli.kubernetes_yaml import without_nulls
from controller.cli.manifest import DagFile, InvalidManifest, dag_file, load_dag_file, read_items
from controller.cli.scripts import ScriptFault, check_names, check_params, read_durations, read_outcomes, scripts_of
from controller.decide.validity.shape import shape_faults
from controller.model.names import API_VERSION
from controller.model.schema import Anything, Duration, Int, Text, Timestamp, Written
from controller.simulate.clock import EPOCH
from controller.simulate.script import Setting

KIND: Final = "DagTest"
TaskEnd = Literal["success", "failed", "skipped", "upstream_failed", "removed", "none"]
"""`none` is a task that never began."""


class Expect(Written):
    """What must become of the run; what is not said may be as it likes."""

    run: Literal["success", "failed"] | None = None
    """How the run ends."""
    tasks: dict[str, TaskEnd] = {}
    """How tasks end, or instances such as load[3]."""
    order: tuple[Text, ...] = ()
    """Tasks that begin one after the other."""
    attempts: dict[str, Annotated[Int, Field(ge=0)]] = {}
    """How many attempts a task has; of a mapped task, the instance that has the most."""
    within: Duration | None = None
    """How long the run may take."""


class Case(Written):
    """One run, what is given and what must become of it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=250)]
    """What the case is about."""
    params: dict[str, Anything] = {}
    """Values for params, as `slipway simulate` takes them."""
    outcomes: dict[str, Anything] = {}
    """How attempts end, likewise."""
    outputs: dict[str, Anything] = {}
    """What successful attempts give, likewise."""
    durations: dict[str, Anything] = {}
    """Seconds per attempt, likewise."""
    logical_date: Timestamp | None = None
    """What the run is about; the clock then begins there."""
    expect: Expect
    """What must become of the run."""


class DagTestSpec(Written):
    """What a DagTest says."""

    dag: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The path of the Dag's file, from the folder of this one."""
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    """The cases, in the order in which they are run."""


@dataclass(frozen=True, slots=True)
class DagTest:
    """One DagTest of a file."""

    name: str
    cases: Sequence[tuple[Case, Setting]]
    """Each case with everything that its simulation begins with."""


def read_tests(path: str) -> list[DagTest]:
    """The file's DagTests; InvalidManifest where it can't be read, or one of them has a fault."""
    try:
        items = read_items(path)
    except InvalidManifest as error:
        raise InvalidManifest(f"{path}: {error}") from error
    return [_test(path, item, items) for item in items if _is_test(item)]


def _is_test(item: Any) -> bool:
    return isinstance(item, dict) and item.get("kind") == KIND and item.get("apiVersion") == API_VERSION


def _test(path: str, item: dict[str, Any], items: Sequence[Any]) -> DagTest:
    metadata = item.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidManifest(f"{path}: a DagTest has no metadata.name")
    try:
        spec = DagTestSpec.model_validate(without_nulls(item.get("spec")), by_alias=True, by_name=False)
    except ValidationError as error:
        told = "\n".join(f"{path}: DagTest {name}: {fault}" for fault in shape_faults(error))
        raise InvalidManifest(told) from error
    dag = dag_file(path, items) if spec.dag is None else load_dag_file(str(Path(path).parent / spec.dag))
    return DagTest(name, list(_cases(f"{path}: DagTest {name}", spec, dag)))


def _cases(where: str, spec: DagTestSpec, dag: DagFile) -> Iterator[tuple[Case, Setting]]:
    seen: set[str] = set()
    for case in spec.cases:
        if case.name in seen:
            raise InvalidManifest(f"{where}: two cases are called {case.name}")
        seen.add(case.name)
        try:
            yield case, _setting(case, dag)
        except ScriptFault as fault:
            raise InvalidManifest(f"{where}: case {case.name}: {fault}") from fault


def _setting(case: Case, dag: DagFile) -> Setting:
    plan, begins_at = dag.dag.plan, case.logical_date or EPOCH
    outcomes, durations = read_outcomes(case.outcomes), read_durations(case.durations)
    expected = (case.expect.tasks, dict.fromkeys(case.expect.order), case.expect.attempts)
    for named in (outcomes, durations, case.outputs, *expected):
        check_names(named, plan)
    check_params(plan, case.params)
    scripts = scripts_of(outcomes, durations, case.outputs)
    return Setting(dag.dag.name, plan, scripts, case.params, dag.pools, begins_at, case.logical_date)
