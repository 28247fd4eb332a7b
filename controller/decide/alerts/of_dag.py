"""A Dag that is not valid any more -> the alert of it, noted in its status, and the alerts that are sent now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.decide.alerts.records import News, Sending, noted, worked_off
from controller.decide.alerts.rules import alerts_in, by_name, targets_missing
from controller.decide.alerts.text import TONES, said
from controller.decide.alerts.values import Facts
from controller.decide.validity import judge_spec
from controller.model.action import Action, Kind, Tell
from controller.model.alerts import Alert, AlertEvent, Alerting, SendAlert
from controller.model.dag import DagStatus
from controller.model.plan import Plan
from controller.model.snapshot import DagSnapshot


@dataclass(frozen=True, slots=True)
class Told:
    """The status with the Dag's alerts in it, and what is to be done."""

    status: DagStatus
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None


def with_dag_alerts(snapshot: DagSnapshot, status: DagStatus, now: datetime) -> Told:
    """What is to be told of the Dag; `status` has its conditions as they are going to be."""
    before, dag = snapshot.dag.status, snapshot.dag
    breaks = not _is_invalid(before) and _is_invalid(status)
    if not breaks and before.alerting is None:
        return Told(status)
    holding = alerts_in(_specs(snapshot), dag.meta.namespace, snapshot.targets)
    alerts = by_name(holding)
    hearing = (alert.name for alert in holding if breaks and AlertEvent.DAG_INVALID in alert.events)
    known = before.alerting or Alerting()
    alerting = noted(known, dag.meta, (News(name, AlertEvent.DAG_INVALID) for name in hearing), now)
    written = frozenset(record.key for record in known.records)
    outbox = worked_off(alerting, written, alerts, snapshot.deliveries, now)
    if outbox.alerting != known:
        status = status.model_copy(update={"alerting": outbox.alerting})
    sends = (_send(snapshot, status, alerts[sending.record.alert], sending) for sending in outbox.sendings)
    tells = (
        Tell(Kind.DAG, dag.meta, "AlertFailed", f"Alert {record.alert} could not be sent to {target}: {why}", True)
        for record, target, why in outbox.given_up
    )
    return Told(status, (*sends, *tells), outbox.wake_at)


def dag_targets_missing(snapshot: DagSnapshot, plan: Plan | None) -> str:
    """What the alerts of a valid Dag lack, in one sentence; empty when nothing."""
    alerts = plan.spec.alerts if plan is not None else None
    return targets_missing(alerts or (), snapshot.dag.meta.namespace, snapshot.targets)


def _send(snapshot: DagSnapshot, status: DagStatus, alert: Alert, sending: Sending) -> SendAlert:
    dag, record = snapshot.dag, sending.record
    last = judge_spec(snapshot.last_revision.spec_json).plan if snapshot.last_revision is not None else None
    facts = Facts(
        record=record,
        dag=dag.meta.key,
        spec=last.spec if last is not None else None,
        faults=next((each.message for each in status.conditions if each.type == "Ready"), ""),
        base=snapshot.policy.alerts_url,
    )
    title, text = said(alert, facts, record.after)
    return SendAlert(dag.meta, record.key, sending.target, TONES[record.event], title, text, of_dag=True)


def _specs(snapshot: DagSnapshot) -> Iterator[str]:
    yield snapshot.dag.spec_json
    if snapshot.last_revision is not None:
        yield snapshot.last_revision.spec_json


def _is_invalid(status: DagStatus) -> bool:
    return any(each.type == "Ready" and each.status == "False" for each in status.conditions)
