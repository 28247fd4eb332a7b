"""A step of a run -> the same with its deadlines judged and its alerts noted, and the alerts that are sent now."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from controller.decide.alerts.deadlines import Reached, judged
from controller.decide.alerts.ends import concerning, new_ends, told_after
from controller.decide.alerts.records import News, Outbox, Sending, hurried, noted, worked_off
from controller.decide.alerts.rules import alerts_of, by_name
from controller.decide.alerts.text import TONES, said
from controller.decide.alerts.values import Facts, Failed, failed_end, failed_ends
from controller.decide.run.step import Step, plan_of
from controller.model.action import Action, Kind, Tell
from controller.model.alerts import TASK_EVENTS, Alert, AlertEvent, Alerting, AlertRecord, SendAlert
from controller.model.dagrun import DagRun, DagRunStatus
from controller.model.metadata import Key
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL, RunState
from controller.model.timestamps import format_time

FAILURES_TOLD: Final = 5
"""Failed tasks whose ends the alert of a failed run tells."""
_ENDS: Final = {RunState.FAILED: AlertEvent.RUN_FAILED, RunState.SUCCESS: AlertEvent.RUN_SUCCEEDED}
_DEADLINE_REASONS: Final = {
    AlertEvent.DEADLINE_MISSED: ("DeadlineMissed", "missed"),
    AlertEvent.DEADLINE_AT_RISK: ("DeadlineAtRisk", "may miss"),
}


def with_alerts(snapshot: RunSnapshot, step: Step, now: datetime) -> Step:
    """The step, with what is to be told of it; the very same one for a run that nobody is told of."""
    plan, run = plan_of(snapshot), snapshot.run
    if plan is None:
        return step
    alerts = alerts_of(plan.spec, run.meta.namespace, snapshot.targets)
    if not alerts and not plan.spec.deadlines and not run.is_watched:
        return step
    found = judged(snapshot, plan, step.status, now)
    status = _same_or(step.status, "deadlines", found.deadlines)
    alerting = _with_news(snapshot, plan, (status, alerts), found.reached, now)
    outbox = _worked_off(run, alerting, alerts, snapshot, now)
    if outbox.alerting != (run.status.alerting or Alerting()):
        status = status.model_copy(update={"alerting": outbox.alerting})
    sends = (_send(snapshot, plan, alerts, sending, now) for sending in outbox.sendings)
    tells = (*_deadlines_told(run, status, found.reached), *_given_up_told(run, outbox))
    times = [at for at in (step.wake_at, found.wake_at, outbox.wake_at, _gathering(outbox, now)) if at is not None]
    return replace(step, status=status, after=(*step.after, *tells, *sends), wake_at=min(times, default=None))


def _with_news(
    snapshot: RunSnapshot,
    plan: Plan,
    judging: tuple[DagRunStatus, tuple[Alert, ...]],
    reached: tuple[Reached, ...],
    now: datetime,
) -> Alerting:
    """The outbox with what has come about."""
    run, (status, alerts) = snapshot.run, judging
    alerting = run.status.alerting or Alerting()
    has_ended = status.state in RUN_FINAL and status.state is not run.status.state
    ends = new_ends(snapshot, status, alerts) if run.status.state not in RUN_FINAL else ()
    if ends:
        alerting = alerting.model_copy(update={"told": told_after(status, ends)})
    news = (
        News(alert.name, event, tuple(map(str, told)))
        for alert in alerts
        for event in alert.events
        if event in TASK_EVENTS and (told := concerning(alert, event, ends, plan))
    )
    due = (
        News(alert.name, each.event, deadline=each.name)
        for alert, each in itertools.product(alerts, reached)
        if each.event in alert.events
    )
    end = (
        News(alert.name, _ENDS[status.state]) for alert in alerts if has_ended and _ENDS[status.state] in alert.events
    )
    alerting = noted(alerting, run.meta, (*news, *due, *end), now)
    return hurried(alerting, now) if status.state in RUN_FINAL else alerting


def _worked_off(
    run: DagRun, alerting: Alerting, alerts: tuple[Alert, ...], snapshot: RunSnapshot, now: datetime
) -> Outbox:
    committed = run.status.alerting.records if run.status.alerting is not None else ()
    written = frozenset(record.key for record in committed)
    return worked_off(alerting, written, by_name(alerts), snapshot.deliveries, now)


def _send(snapshot: RunSnapshot, plan: Plan, alerts: tuple[Alert, ...], sending: Sending, now: datetime) -> SendAlert:
    run, record = snapshot.run, sending.record
    facts = Facts(
        record=record,
        dag=Key(run.meta.namespace, run.spec.dag_ref.name),
        spec=plan.spec,
        run=run,
        ends=tuple(_ends(record, snapshot)),
        params=json.loads(run.status.params or "{}"),
        base=snapshot.policy.alerts_url,
    )
    title, text = said(by_name(alerts)[record.alert], facts, now)
    return SendAlert(run.meta, record.key, sending.target, TONES[record.event], title, text)


def _ends(record: AlertRecord, snapshot: RunSnapshot) -> Iterator[Failed]:
    """The ends that an alert tells: its own, or of a run that failed those of its first tasks that did."""
    run, task_runs = snapshot.run, snapshot.task_runs
    if record.event in TASK_EVENTS:
        yield from failed_ends(record, run, task_runs)
    elif run.status.state is RunState.FAILED:
        for instance in run.status.failed_tasks[:FAILURES_TOLD]:
            task_run = task_runs.get(instance)
            yield failed_end(instance, task_run.ended_attempts if task_run is not None else 0, run, task_runs)


def _deadlines_told(run: DagRun, status: DagRunStatus, reached: tuple[Reached, ...]) -> Iterator[Action]:
    """Events: a deadline is told of where its run is looked at, whoever else is told."""
    for each in reached:
        reason, word = _DEADLINE_REASONS[each.event]
        at = next(deadline.at for deadline in status.deadlines if deadline.name == each.name)
        message = f"The run {word} its deadline {each.name} of {format_time(at)}"
        yield Tell(Kind.DAG_RUN, run.meta, reason, message, warning=True)


def _given_up_told(run: DagRun, outbox: Outbox) -> Iterator[Action]:
    for record, target, trouble in outbox.given_up:
        message = f"Alert {record.alert} of {record.event.value} could not be sent to {target}: {trouble}"
        yield Tell(Kind.DAG_RUN, run.meta, "AlertFailed", message, warning=True)


def _gathering(outbox: Outbox, now: datetime) -> datetime | None:
    """When what gathers is sent; `worked_off` tells so only of what stands in the status."""
    return min((record.after for record in outbox.alerting.records if record.after > now), default=None)


def _same_or(status: DagRunStatus, field: str, value: object) -> DagRunStatus:
    """The status with another value, or the very same where it is equal."""
    return status if getattr(status, field) == value else status.model_copy(update={field: value})
