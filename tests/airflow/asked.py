"""Questions -> facts/*.txt, by Airflow's own code. Not a test: it needs an interpreter that has Airflow 3.

    python -m venv VENV && VENV/bin/pip install apache-airflow-core==3.3.2
    AIRFLOW_HOME=SCRATCH VENV/bin/airflow db migrate
    AIRFLOW_HOME=SCRATCH PYTHONTZPATH= PYTHONPATH=. VENV/bin/python -m tests.airflow.asked runs rules weights slots

runs      each task that has not begun is asked `are_dependencies_met`, in topological order, one after the other, at
          each instant at which an attempt ends; `DagRun.update_state` then says how the run ends. Airflow's own loop
          asks in the order of rows and goes round again: where a failure and a skip reach a task at one instant through
          paths of different lengths (1 in 100 of these graphs) that order decides there, the graph's decides here.
rules     `TriggerRuleDep` for every multiset of upstream states; capital letters and + are setups
weights   `weight_rule.get_weight` of the serialized operators

slots     the timetables, see slots.py
"""

import datetime
import importlib
import itertools
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from tests.airflow.made import RULES, TEARDOWNS, Node, graphs
from tests.airflow.slots import slots

FACTS: Final = Path(__file__).with_name("facts")
_LETTERS: Final = {"s": "success", "f": "failed", "u": "upstream_failed", "k": "skipped", "r": "removed"}
_TOLD: Final = {state: letter for letter, state in _LETTERS.items()} | {"run": "!", "wait": "."}
_SETUP_WAITING: Final = "+"


def _airflow(module: str) -> Any:
    return importlib.import_module(f"airflow.{module}")


# ---- runs -----------------------------------------------------------------------------------------------------------


def runs() -> Iterator[str]:
    """Each graph, the end of its run, and one letter for each task."""
    scheduler = _Scheduler()
    for number, nodes in enumerate(graphs(seed=2026, count=300)):
        run, states = scheduler.play(f"d{number}", nodes)
        ends = "".join(_TOLD[states[node.name]] for node in nodes)
        yield f"{' '.join(map(str, nodes))} | {run} {ends}"


class _Scheduler:
    """Airflow's scheduler on its database, with attempts that end as they are told; nothing is kept."""

    def __init__(self) -> None:
        self.session = _airflow("settings").Session()
        bundles = _airflow("models.dagbundle").DagBundleModel
        if self.session.get(bundles, "b") is None:
            self.session.add(bundles(name="b"))
            self.session.commit()

    def play(self, name: str, nodes: list[Node]) -> tuple[str, dict[str, str]]:
        """The end of the run and of its tasks."""
        dag, run = self._run_of(name, nodes)
        instances = {each.task_id: each for each in run.get_task_instances(session=self.session)}
        for each in instances.values():
            each.task = dag.get_task(each.task_id)
        ends: dict[str, int] = {}
        now = 0
        while True:
            for node in nodes:
                if ends.get(node.name) == now:
                    instances[node.name].state = node.outcome
                    del ends[node.name]
            for node in nodes:
                if self._may_begin(instances, node):
                    instances[node.name].state = "running"
                    ends[node.name] = now + node.seconds
            if not ends:
                break
            now = min(ends.values())
        run.update_state(session=self.session, execute_callbacks=False)
        answer = (str(run.state), {task: str(each.state) for task, each in instances.items()})
        self.session.rollback()
        return answer

    def _may_begin(self, instances: dict[str, Any], node: Node) -> bool:
        """Asked of one that has not begun; it may end it instead."""
        finished = _airflow("utils.state").State.finished
        instance = instances[node.name]
        if instance.state is not None:
            return False
        ended = [each for each in instances.values() if each.state in finished]
        context = _airflow("ti_deps.dep_context").DepContext(flag_upstream_failed=True, finished_tis=ended)
        met = instance.are_dependencies_met(dep_context=context, session=self.session)
        self.session.flush()
        return bool(met) and instance.state is None

    def _run_of(self, name: str, nodes: list[Node]) -> tuple[Any, Any]:
        serialized = _airflow("serialization.serialized_objects")
        types = _airflow("utils.types")
        lazy = serialized.LazyDeserializedDAG.from_dag(_dag(name, nodes))
        self.session.merge(_airflow("models.dag").DagModel(dag_id=name, bundle_name="b"))
        self.session.flush()
        _airflow("models.serialized_dag").SerializedDagModel.write_dag(lazy, bundle_name="b", session=self.session)
        self.session.flush()
        dag = serialized.DagSerialization.from_dict(lazy.data)
        now = datetime.datetime.now(datetime.UTC)
        run = dag.create_dagrun(
            run_id="r",
            logical_date=now,
            data_interval=(now, now),
            run_after=now,
            run_type=types.DagRunType.MANUAL,
            triggered_by=types.DagRunTriggeredByType.TEST,
            state=_airflow("utils.state").DagRunState.RUNNING,
            start_date=now,
            session=self.session,
        )
        run.dag = dag
        self.session.flush()
        return dag, run


def _dag(name: str, nodes: list[Node]) -> Any:
    sdk = _airflow("sdk")
    with sdk.DAG(name, schedule=None) as dag:
        operators = {}
        for node in nodes:
            rule = {} if node.role in TEARDOWNS else {"trigger_rule": node.rule}
            operators[node.name] = operator = sdk.BaseOperator(task_id=node.name, **rule)
            if node.role == "setup":
                operator.as_setup()
            elif node.role in TEARDOWNS:
                operator.as_teardown(on_failure_fail_dagrun=node.role == "fatal")
            for before in node.before:
                operator.set_upstream(operators[before])
    dag.validate_setup_teardown()
    return dag


# ---- rules ----------------------------------------------------------------------------------------------------------


def rules() -> Iterator[str]:
    """Upstream states, and what each of RULES says of them: `!` run, `.` wait, or the letter of an end."""
    plain = [each for size in range(5) for each in itertools.combinations_with_replacement(".sfukr", size)]
    setups = [each for size in range(4) for each in itertools.combinations_with_replacement(".sfukr+SFUKR", size)]
    for states in dict.fromkeys((*plain, *setups)):
        yield f"{''.join(states) or '-'} {''.join(_TOLD[_asked(rule, states)] for rule in RULES)}"


def _asked(rule: str, states: tuple[str, ...]) -> str:
    tasks = [
        SimpleNamespace(task_id=f"u{place}", is_setup=_is_setup(state), get_needs_expansion=lambda: False)
        for place, state in enumerate(states)
    ]
    ended = [
        SimpleNamespace(task_id=task.task_id, task=task, state=_LETTERS[state.lower()], map_index=-1)
        for task, state in zip(tasks, states, strict=True)
        if state.lower() in _LETTERS
    ]
    became: list[str] = []
    task = SimpleNamespace(
        task_id="t",
        trigger_rule=_airflow("task.trigger_rule").TriggerRule(rule),
        upstream_task_ids={each.task_id for each in tasks},
        upstream_list=tasks,
        is_teardown=False,
        dag=SimpleNamespace(task_dict={}),
        task_group=None,
        get_closest_mapped_task_group=lambda: None,
        get_upstreams_only_setups=lambda: [],
    )
    instance = SimpleNamespace(task=task, map_index=-1, task_id="t", dag_id="d", run_id="r")
    instance.get_dagrun = lambda session: None

    def set_state(state: Any, session: Any) -> bool:
        became.append(state.value)
        return True

    instance.set_state = set_state
    context = SimpleNamespace(flag_upstream_failed=True, wait_for_past_depends_before_skipping=False)
    context.ensure_finished_tis = lambda run, session: ended
    dependency = _airflow("ti_deps.deps.trigger_rule_dep").TriggerRuleDep()
    statuses = list(dependency._get_dep_statuses(instance, context, session=None))
    if became:
        return became[-1]
    return "run" if all(status.passed for status in statuses) else "wait"


def _is_setup(state: str) -> bool:
    return state.isupper() or state == _SETUP_WAITING


# ---- weights --------------------------------------------------------------------------------------------------------


def weights() -> Iterator[str]:
    """`name:rule:own<before` for each task, and the effective weights."""
    chance = random.Random(3)  # noqa: S311 nothing is secret here
    sdk, serialized = _airflow("sdk"), _airflow("serialization.serialized_objects")
    extremes = (2**31 - 1, -(2**31), 2**31, 2**40, -(2**33), 2**62)
    for number in range(200):
        texts: list[str] = []
        operators: dict[str, Any] = {}
        with sdk.DAG(f"p{number}", schedule=None) as dag:
            for place in range(chance.randint(1, 12)):
                name, rule = f"t{place}", chance.choice(("downstream", "upstream", "absolute"))
                own = chance.choice((1, 1, chance.randint(-5, 20), chance.choice(extremes)))
                before = [each for each in operators if chance.random() < 0.35]
                operators[name] = sdk.BaseOperator(task_id=name, priority_weight=own, weight_rule=rule)
                operators[name].set_upstream([operators[each] for each in before])
                texts.append(f"{name}:{rule}:{own}<{','.join(before)}")
        stored = serialized.DagSerialization.from_dict(serialized.LazyDeserializedDAG.from_dag(dag).data)
        tasks = [stored.get_task(name) for name in operators]
        found = [task.weight_rule.get_weight(SimpleNamespace(task=task)) for task in tasks]
        yield f"{' '.join(texts)} | {' '.join(map(str, found))}"


_QUESTIONS: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "runs": runs,
    "rules": rules,
    "weights": weights,
    "slots": slots,
}


if __name__ == "__main__":
    version = _airflow("version").version
    for asked in sys.argv[1:]:
        head = f"# Made by running Airflow {version} (tests/airflow/asked.py); not to be edited."
        (FACTS / f"{asked}.txt").write_text("\n".join((head, *_QUESTIONS[asked]())) + "\n", encoding="utf-8")
