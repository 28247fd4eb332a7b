"""A scheduler and what works beside it -> its metrics, and the ages of its news."""

from dataclasses import dataclass

from controller.act.logs import LogKeeper
from controller.installed import Webhook
from controller.measure.ages import Ages
from controller.measure.gather import Measures, Sent, Sources
from controller.scheduler import Scheduler, now
from controller.traces.sender import TraceSender


@dataclass(frozen=True, slots=True)
class Beside:
    """What there may be besides; None = the settings want none."""

    keeper: LogKeeper | None = None
    traces: TraceSender | None = None
    webhook: Webhook | None = None


def measured(scheduler: Scheduler, beside: Beside) -> tuple[Measures, Ages]:
    """Everything that is measured of it from now on; what kopf feeds is to go through the ages."""
    ages = Ages(scheduler.informers, scheduler.fed, scheduler.receive, scheduler.settings.relist_seconds)
    keeper, webhook = beside.keeper, beside.webhook
    sources = Sources(
        store=scheduler.store,
        loop=scheduler.loop,
        transport=scheduler.kube,
        metastore=scheduler.metastore,
        clock=now,
        leads=lambda: scheduler.decides,
        ages=ages.told,
        parallelism=scheduler.settings.parallelism,
        dags=scheduler.settings.metrics_dags,
        logs=(lambda: keeper.waiting if keeper else 0, lambda: keeper.lost if keeper else 0),
        alerts=Sent(
            lambda: dict(scheduler.alerts.sent),
            lambda: dict(scheduler.alerts.failed),
            lambda: scheduler.store.alerts.waiting,
        ),
        traces=_sent(beside.traces) if beside.traces is not None else Sent(),
        certificate_ends_at=webhook.certificate_ends_at if webhook is not None else lambda: None,
    )
    return Measures(sources), ages


def _sent(traces: TraceSender) -> Sent:
    return Sent(lambda: {"": traces.sent}, lambda: {"": traces.lost}, lambda: traces.waiting)
