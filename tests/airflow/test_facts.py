"""Every recorded answer of Airflow is ours too."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from controller.decide.calendar import next_runs
from controller.decide.priority import priorities
from controller.decide.trigger_rules import Verdict, count_states, judge
from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json
from controller.model.plan import Plan
from controller.model.schedule import Schedule
from controller.model.states import TaskState, airflow_name
from controller.model.task import TriggerRule
from controller.model.timestamps import parse_time
from controller.simulate.run import simulate_run
from controller.simulate.script import Script, Setting
from tests.airflow.made import RULES, TEARDOWNS, Node, node_of

_FACTS: Final = Path(__file__).with_name("facts")
_STATES: Final = {
    "s": TaskState.SUCCESS,
    "f": TaskState.FAILED,
    "u": TaskState.UPSTREAM_FAILED,
    "k": TaskState.SKIPPED,
    "r": TaskState.REMOVED,
}
_LETTERS: Final = {state: letter for letter, state in _STATES.items()}


def facts(name: str) -> Iterator[tuple[str, str]]:
    """Each question with its answer; the separator is the last blank, or the last bar where there is one."""
    for line in (_FACTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            question, _, answer = line.rpartition(" | " if " | " in line else " ")
            yield question, answer


def plan_of(tasks: list[dict[str, Any]]) -> Plan:
    """The plan of a Dag with these tasks."""
    plan = judge_spec(canonical_json({"tasks": tasks})).plan
    assert plan is not None
    return plan


def test_trigger_rules() -> None:
    """Every rule says what Airflow's does of every set of upstream states."""
    asked = list(facts("rules"))
    wrong = [(states, answer) for states, answer in asked if _judged(states) != answer]
    assert len(asked) > 500
    assert wrong == []


def _judged(states: str) -> str:
    letters = "" if states == "-" else states
    counts = count_states(_STATES.get(letter.lower()) for letter in letters)
    setups = [letter for letter in letters if letter.isupper() or letter == "+"]
    counts = replace(counts, setups=len(setups), setups_succeeded=setups.count("S"), setups_skipped=setups.count("K"))
    return "".join(_letter(judge(TriggerRule(rule), counts)) for rule in RULES)


def _letter(verdict: Verdict) -> str:
    if verdict.ends_as is not None:
        return _LETTERS[verdict.ends_as]
    return "!" if verdict.runs else "."


def test_whole_runs() -> None:
    """A run of each graph ends as it does there, and so does each of its tasks, setups and teardowns among them."""
    asked = [([node_of(text) for text in question.split()], answer) for question, answer in facts("runs")]
    wrong = [(list(map(str, nodes)), answer) for nodes, answer in asked if _played(nodes) != answer]
    assert len(asked) == 300
    assert wrong == []


def _played(nodes: list[Node]) -> str:
    scripts = {node.name: Script((node.outcome,), float(node.seconds)) for node in nodes}
    course = asyncio.run(simulate_run(Setting("d", plan_of([_task(node) for node in nodes]), scripts)))
    ends = "".join(_LETTERS[course.states[node.name]] for node in nodes)
    return f"{airflow_name(course.state)} {ends}"


def _task(node: Node) -> dict[str, Any]:
    task: dict[str, Any] = {"name": node.name, "command": ["true"], "dependsOn": list(node.before)}
    if node.role in TEARDOWNS:
        return task | {"role": "teardown", "failsRun": node.role == "fatal"}
    return task | {"role": node.role, "triggerRule": node.rule}


def test_effective_weights() -> None:
    """Own weights are cut to 32 bits and sums are not, and what is reached twice counts once."""
    asked = list(facts("weights"))
    wrong = [(tasks, answer) for tasks, answer in asked if _weights(tasks) != answer]
    assert len(asked) == 200
    assert wrong == []


def _weights(question: str) -> str:
    tasks = []
    for text in question.split():
        head, _, before = text.partition("<")
        name, rule, own = head.split(":")
        depends_on = before.split(",") if before else []
        tasks.append(
            {"name": name, "noop": {}, "dependsOn": depends_on, "weightRule": rule} | {"priorityWeight": int(own)}
        )
    return " ".join(map(str, priorities(plan_of(tasks)).values()))


def test_slots() -> None:
    """Schedules in zones of every kind, over leap days, year ends and changed rules, have Airflow's slots."""
    asked = list(facts("slots"))
    wrong = [(question, answer) for question, answer in asked if _slots(question) != answer]
    assert len(asked) == 400
    assert wrong == []


def _slots(question: str) -> str:
    zone, mode, cron, policy, start, end, last, now = question.split(" | ")
    written = {"cron": cron, "timezone": zone, "mode": mode, "start": _time(start), "end": _time(end)}
    schedule = Schedule.model_validate({**written, "catchup": policy == "catchup", "onEnable": "run-latest"})
    at, before = parse_time(f"{now}:00Z"), _time(last)
    slots = next_runs(schedule, at, parse_time(before) if before else None, None, 6)
    ends = (f"{slot.start:%Y-%m-%dT%H:%M}" for slot in slots)
    if mode == "interval":
        ends = (f"{slot.start:%Y-%m-%dT%H:%M}/{slot.end:%Y-%m-%dT%H:%M}" for slot in slots)
    return " ".join(ends)


def _time(text: str) -> str | None:
    return None if text == "-" else f"{text}:00Z"
