"""What an alert is about -> its title and text: what happened, why, and where to look, for a person at 3 am.

The alert's own templates come first; one that can't be filled in is told of, and Slipway's text is sent instead: no
alert is lost for a template. The last line is the key, by which a person, or a program, knows an alert sent twice.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from controller.decide.alerts.values import ALERT_NAMES, Facts, since, values_of
from controller.decide.render import render
from controller.decide.render_faults import RenderFault
from controller.model.alerts import TASK_EVENTS, Alert, AlertEvent, Tone
from controller.model.dagrun import DagRun
from controller.model.states import RUN_FINAL
from controller.model.timestamps import format_time

TITLE_CHARS: Final = 200
TEXT_CHARS: Final = 4000
LINE_CHARS: Final = 300

TONES: Final[dict[AlertEvent, Tone]] = {
    AlertEvent.RUN_FAILED: "failure",
    AlertEvent.RUN_SUCCEEDED: "success",
    AlertEvent.TASK_FAILED: "failure",
    AlertEvent.TASK_RETRIED: "warning",
    AlertEvent.TASK_SUCCEEDED: "success",
    AlertEvent.DEADLINE_MISSED: "failure",
    AlertEvent.DEADLINE_AT_RISK: "warning",
    AlertEvent.DAG_INVALID: "failure",
}

_HAPPENED: Final = {
    AlertEvent.RUN_FAILED: "failed",
    AlertEvent.RUN_SUCCEEDED: "succeeded",
    AlertEvent.TASK_FAILED: "failed",
    AlertEvent.TASK_RETRIED: "is tried again",
    AlertEvent.TASK_SUCCEEDED: "succeeded",
}
_HAPPENED_TO_MANY: Final = {
    AlertEvent.TASK_FAILED: "tasks failed",
    AlertEvent.TASK_RETRIED: "attempts failed and are tried again",
    AlertEvent.TASK_SUCCEEDED: "tasks succeeded",
}


def said(alert: Alert, facts: Facts, now: datetime) -> tuple[str, str]:
    """The title, on one line, and the text."""
    own_title, own_text = _title(facts), "\n".join(_lines(facts, now))
    title, no_title = _filled_in(alert.title, facts, own_text, own_title)
    text, no_text = _filled_in(alert.message, facts, own_text, own_text)
    told = [f"(The alert's own {what}: {fault})" for what, fault in (("title", no_title), ("text", no_text)) if fault]
    cut = text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"
    return _short(title, TITLE_CHARS), "\n".join([cut, *told, f"Alert: {facts.record.key}"])


def _filled_in(template: str | None, facts: Facts, text: str, otherwise: str) -> tuple[str, str]:
    """The template filled in, and what is wrong with it."""
    if template is None:
        return otherwise, ""
    try:
        return render(template, values_of(facts, text), ALERT_NAMES), ""
    except RenderFault as fault:
        return otherwise, _short(str(fault), LINE_CHARS)


def _title(facts: Facts) -> str:
    dag, record = facts.dag, facts.record
    where = f"[{dag.namespace}/{dag.name}]"
    run = facts.run.meta.name if facts.run is not None else ""
    event = record.event
    if event is AlertEvent.DAG_INVALID:
        return f"{where} The Dag is not valid"
    if event is AlertEvent.DEADLINE_MISSED:
        return f"{where} Run {run} missed its deadline {record.deadline}"
    if event is AlertEvent.DEADLINE_AT_RISK:
        return f"{where} Run {run} may miss its deadline {record.deadline}"
    if event not in TASK_EVENTS:
        return f"{where} Run {run} {_HAPPENED[event]}"
    if record.count > 1:
        return f"{where} {record.count:,} {_HAPPENED_TO_MANY[event]} in run {run}"
    return f"{where} Task {facts.ends[0].instance if facts.ends else ''} {_HAPPENED[event]} in run {run}"


def _lines(facts: Facts, now: datetime) -> Iterator[str]:
    if facts.run is None:
        yield f"Dag {facts.dag} is not valid, so no run of it is created."
        yield from (_short(fault, LINE_CHARS) for fault in facts.faults.split("; "))
    elif facts.record.event in TASK_EVENTS:
        yield from _task_lines(facts)
    else:
        yield from _run_lines(facts, facts.run, now)
    yield ""
    yield from _about(facts)
    yield from _where(facts)


def _task_lines(facts: Facts) -> Iterator[str]:
    is_well = facts.record.event is AlertEvent.TASK_SUCCEEDED
    for end in facts.ends:
        line = f"{end.instance}, attempt {end.number}" if is_well else end.line
        yield _short(f"{line} (node {end.node})" if end.node else line, LINE_CHARS)
    left = facts.record.count - len(facts.ends)
    if left > 0:
        yield f"and {left:,} more"


def _run_lines(facts: Facts, run: DagRun, now: datetime) -> Iterator[str]:
    status, record = run.status, facts.record
    due = next((each.at for each in status.deadlines if each.name == record.deadline), None)
    if due is not None:
        yield f"The run should have succeeded by {format_time(due)} (deadline {record.deadline})."
    if status.state in RUN_FINAL:
        took = f" after {status.duration}" if status.duration else ""
        yield f"The run {status.state.value.lower()}{took}: {_short(status.message or status.reason or '', LINE_CHARS)}"
    elif status.started_at is None:
        yield f"It has not begun, after {since(run, now)}."
    else:
        yield f"It has been running for {since(run, now)}; {status.tasks or '0'} tasks have ended."
    for waiting in status.waiting_for[:3]:
        yield _short(f"Waits: {waiting.message}", LINE_CHARS)
    for end in facts.ends:
        yield _short(f"- {end.line}", LINE_CHARS)


def _about(facts: Facts) -> Iterator[str]:
    spec, run = facts.spec, facts.run
    if run is not None and run.spec.logical_date is not None:
        yield f"Logical date: {format_time(run.spec.logical_date)}"
    if spec is not None and spec.owner:
        yield f"Owner: {spec.owner}"
    if spec is not None and spec.description:
        yield _short(f"About the Dag: {spec.description}", LINE_CHARS)


def _where(facts: Facts) -> Iterator[str]:
    if facts.url:
        yield f"Look: {facts.url}"
    namespace = facts.dag.namespace
    if facts.run is None:
        yield f"Look: kubectl -n {namespace} describe dag {facts.dag.name}"
        return
    run, end = facts.run.meta.name, facts.ends[0] if facts.ends else None
    if end is not None:
        instance = f"'{end.instance}'" if "[" in end.instance else end.instance
        yield f"Log: slipway logs -n {namespace} {run} {instance}" + (f" --try {end.number}" if end.number else "")
    if facts.run.status.state not in RUN_FINAL:
        yield f"Why: slipway why -n {namespace} {run}"
    elif facts.record.event is AlertEvent.RUN_FAILED:
        yield f"Again: slipway retry -n {namespace} {run}"


def _short(text: str, chars: int) -> str:
    """On one line and no longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= chars else line[: chars - 1] + "…"
