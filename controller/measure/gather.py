"""The parts of a scheduler -> one registry with all metrics of it, and the bytes that Prometheus reads."""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Info, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from controller import __version__
from controller.loop import Loop
from controller.measure.dag_series import DagSeries
from controller.measure.delays import Delays
from controller.measure.families import counter, counters, gauge
from controller.measure.parts import Asked, Parts, Turns
from controller.measure.present import Present
from controller.measure.work import Work
from controller.metastore.writer import MetastoreWriter
from controller.observe.store import Store
from controller.transport import Transport


@dataclass(frozen=True, eq=False)
class Sent:
    """What is sent elsewhere, by target: plain numbers that others count."""

    sent: Callable[[], Mapping[str, int]] = dict
    failed: Callable[[], Mapping[str, int]] = dict
    waiting: Callable[[], int] = lambda: 0


@dataclass(frozen=True, eq=False)
class Sources:
    """Everything that is measured."""

    store: Store
    loop: Loop
    transport: Transport
    metastore: MetastoreWriter
    clock: Callable[[], datetime]
    leads: Callable[[], bool]
    """Whether this replica decides, and so counts work."""
    ages: Callable[[], Mapping[str, tuple[float, float]]]
    """By kind: the monotonic time at which it was last heard of, and the age that it may have while all is well."""
    parallelism: int
    dags: int
    """Dags with series of their own."""
    logs: tuple[Callable[[], int], Callable[[], int]] = (lambda: 0, lambda: 0)
    """How many logs wait to be put away, and how many were lost."""
    alerts: Sent = Sent()
    traces: Sent = Sent()
    certificate_ends_at: Callable[[], float | None] = lambda: None
    """When the webhook's certificate ends, in seconds since 1970; None without a webhook."""


class Measures:
    """All metrics of one scheduler. `told` may be called as often as one likes."""

    def __init__(self, sources: Sources) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # each would be a second series beside its counter
        self.registry = CollectorRegistry()
        dags = DagSeries(sources.dags)
        sources.store.listen(Work(self.registry, dags, sources.leads).see)
        sources.store.listen(Delays(self.registry, sources.store.tables, sources.leads, sources.clock).see)
        Asked(self.registry, sources.transport)
        Turns(self.registry, sources.loop)
        self.registry.register(Present(sources.store, sources.parallelism, sources.clock))
        self.registry.register(
            Parts(sources.loop, sources.transport, sources.metastore, sources.ages, *sources.logs, sources.leads)
        )
        self.registry.register(_Elsewhere(sources))
        ProcessCollector(registry=self.registry)
        build = {"version": __version__, "python": platform.python_version()}
        Info("slipway_build", "What runs here.", registry=self.registry).info(build)

    async def told(self) -> bytes:
        """Everything as Prometheus reads it."""
        return generate_latest(self.registry)


@dataclass(frozen=True, eq=False)
class _Elsewhere(Collector):
    """What leaves the cluster, and what it is let in by."""

    sources: Sources

    def collect(self) -> Iterator[Metric]:
        """Everything, gathered anew."""
        alerts, traces = self.sources.alerts, self.sources.traces
        yield counters("slipway_alerts_sent", "Alerts that a target has taken.", ("target",), alerts.sent())
        yield counters("slipway_alerts_failed", "Tries to send an alert that failed.", ("target",), alerts.failed())
        yield gauge("slipway_alerts_waiting", "Alerts that are not sent yet and tried again.", alerts.waiting())
        yield counter("slipway_traces_sent", "Runs whose spans were taken.", sum(traces.sent().values()))
        yield counter("slipway_traces_lost", "Runs whose spans were given up.", sum(traces.failed().values()))
        yield gauge(
            "slipway_traces_waiting", "Runs that have ended and whose spans are not sent yet.", traces.waiting()
        )
        ends_at = self.sources.certificate_ends_at()
        yield gauge(
            "slipway_webhook_certificate_expiry_timestamp_seconds",
            "When the webhook's certificate ends; 0 without a webhook.",
            ends_at or 0.0,
        )
