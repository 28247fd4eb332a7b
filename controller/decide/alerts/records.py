"""The outbox in a status -> the same with what is new, what was sent and what was given up; and what to send now.

News about tasks is gathered: the first end is told at once, what follows in one message a minute later, then two, four,
and so on up to an hour. The run's end sends what has gathered.

A target that does not take an alert is tried again after 10 s, then 20 s and so on up to 5 minutes, 17 times in all:
for an hour, which begins anew with another controller.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from controller.model.alerts import (
    ENDS_TOLD,
    MOST_RECORDS,
    Alert,
    AlertEvent,
    Alerting,
    AlertRecord,
    Deliveries,
    Delivery,
)
from controller.model.metadata import Meta

GATHERED: Final = timedelta(minutes=1)
LONGEST_GATHERED: Final = timedelta(hours=1)
FIRST_AGAIN: Final = timedelta(seconds=10)
LONGEST_AGAIN: Final = timedelta(minutes=5)
MOST_TRIES: Final = 17
DONE_KEPT: Final = 20
"""Alerts that are done and stay listed, besides the last of each kind."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told by one alert."""

    alert: str
    event: AlertEvent
    ends: tuple[str, ...] = ()
    """Of tasks: each end as `load[3]/2`."""
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One alert to be sent to one target now."""

    record: AlertRecord
    target: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """What stands in the status, and what is to be done about it."""

    alerting: Alerting
    sendings: tuple[Sending, ...] = ()
    given_up: tuple[tuple[AlertRecord, str, str], ...] = ()
    """The alert, the target and what stood in the way."""
    wake_at: datetime | None = None


def noted(alerting: Alerting, about: Meta, news: Iterable[News], now: datetime) -> Alerting:
    """The outbox with this news in it."""
    for each in news:
        before = _last(alerting.records, each)
        if before is not None and before.after > now and each.ends:
            more = {"ends": (*before.ends, *each.ends)[:ENDS_TOLD], "count": before.count + len(each.ends)}
            records = tuple(
                record.model_copy(update=more) if record is before else record for record in alerting.records
            )
            alerting = alerting.model_copy(update={"records": records})
        else:
            alerting = _added(alerting, about, each, before, now)
    return alerting


def hurried(alerting: Alerting, now: datetime) -> Alerting:
    """The outbox with nothing gathered any longer: the run has ended."""
    records = tuple(
        record.model_copy(update={"after": now}) if record.after > now else record for record in alerting.records
    )
    return alerting.model_copy(update={"records": records}) if records != alerting.records else alerting


def worked_off(
    alerting: Alerting, committed: frozenset[str], alerts: Mapping[str, Alert], deliveries: Deliveries, now: datetime
) -> Outbox:
    """The outbox once what came of sending is noted; only what stands in the status already is sent."""
    sendings: list[Sending] = []
    given_up: list[tuple[AlertRecord, str, str]] = []
    times: list[datetime] = []
    records = []
    for record in alerting.records:
        alert = alerts.get(record.alert)
        targets = alert.targets if alert is not None and record.done_at is None else ()
        for target in dict.fromkeys(targets):
            if target in record.sent or target in record.failed:
                continue
            delivery = deliveries.get((record.key, target))
            if delivery is not None and not delivery.trouble:
                record = record.model_copy(update={"sent": (*record.sent, target)})
            elif delivery is not None and delivery.tries >= MOST_TRIES:
                trouble = delivery.trouble[:1024]
                record = record.model_copy(update={"failed": {**record.failed, target: trouble}})
                given_up.append((record, target, trouble))
            elif record.key in committed and (at := _due(record, delivery)) <= now:
                sendings.append(Sending(record, target))
            elif record.key in committed:
                times.append(at)
        records.append(_ticked_off(record, alert, now))
    changed = tuple(records) != alerting.records
    after = alerting.model_copy(update={"records": _thinned(records)}) if changed else alerting
    return Outbox(after, tuple(sendings), tuple(given_up), min(times, default=None))


def _due(record: AlertRecord, delivery: Delivery | None) -> datetime:
    if delivery is None:
        return record.after
    wait: timedelta = FIRST_AGAIN * 2 ** min(delivery.tries - 1, 10)
    return delivery.at + min(LONGEST_AGAIN, wait)


def _ticked_off(record: AlertRecord, alert: Alert | None, now: datetime) -> AlertRecord:
    if record.done_at is not None:
        return record
    targets = alert.targets if alert is not None else ()
    is_done = all(target in record.sent or target in record.failed for target in targets)
    return record.model_copy(update={"done_at": now}) if is_done else record


def _thinned(records: list[AlertRecord]) -> tuple[AlertRecord, ...]:
    """Without the oldest that are done; the last of each kind says when the next of its kind may come."""
    last = {(record.alert, record.event): record.key for record in records}
    done = [record for record in records if record.done_at is not None and record.key not in last.values()]
    gone = {record.key for record in done[:-DONE_KEPT]}
    return tuple(record for record in records if record.key not in gone)[-MOST_RECORDS:]


def _last(records: Iterable[AlertRecord], news: News) -> AlertRecord | None:
    found = [record for record in records if (record.alert, record.event) == (news.alert, news.event)]
    return found[-1] if found else None


def _added(alerting: Alerting, about: Meta, news: News, before: AlertRecord | None, now: datetime) -> Alerting:
    number, count = (before.number + 1 if before is not None else 1), alerting.count + 1
    after = now
    if before is not None and news.ends:
        after = max(now, before.after + min(LONGEST_GATHERED, GATHERED * 2 ** min(before.number - 1, 10)))
    digest = hashlib.sha256(about.uid.encode()).hexdigest()[:6]
    record = AlertRecord(
        key=f"{about.namespace}/{about.name}/{news.event.value}/{count}-{digest}",
        alert=news.alert,
        event=news.event,
        number=number,
        after=after,
        ends=news.ends[:ENDS_TOLD],
        count=max(1, len(news.ends)),
        deadline=news.deadline,
    )
    records = _thinned([*alerting.records, record])
    return alerting.model_copy(update={"count": count, "records": records})
