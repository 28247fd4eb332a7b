"""The parts of the controller -> what they have done and how they are: loop, API server, watches, metastore, logs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from controller.loop import Loop
from controller.measure.families import counter, counters, gauge, gauges
from controller.metastore.writer import MetastoreWriter
from controller.observe.due import Question
from controller.transport import SILENCE_SECONDS, Transport

WATCH_LIMIT_SECONDS: Final = 2 * SILENCE_SECONDS
"""A watch that is well has a bookmark each minute; one that broke is made anew soon after its silence is noticed."""
_REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10)
_TURN_SECONDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
_LASTING: Final = frozenset({"watch", "stream"})


class Asked:
    """The requests to the API server."""

    def __init__(self, registry: CollectorRegistry, transport: Transport) -> None:
        self._requests = Counter(
            "slipway_api_requests",
            "Requests to the API server by verb and HTTP code; none = no answer.",
            ("verb", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "slipway_api_request_seconds",
            "How long the API server took to answer; watches and logs left out.",
            ("verb",),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        transport.answered = self._answered

    def _answered(self, verb: str, code: str, seconds: float) -> None:
        self._requests.labels(verb, code).inc()
        if verb not in _LASTING:
            self._seconds.labels(verb).observe(seconds)


class Turns:
    """How long the loop takes to decide what is due."""

    def __init__(self, registry: CollectorRegistry, loop: Loop) -> None:
        turns = Histogram(
            "slipway_loop_turn_seconds",
            "How long the loop took to decide all that was due.",
            buckets=_TURN_SECONDS,
            registry=registry,
        )
        loop.turned = turns.observe


@dataclass(frozen=True, eq=False)
class Parts(Collector):
    """What is asked of the parts at each scrape."""

    loop: Loop
    transport: Transport
    metastore: MetastoreWriter
    ages: Callable[[], Mapping[str, tuple[float, float]]]
    """By kind: the monotonic time at which it was last heard of, and the age that it may have while all is well."""
    logs_waiting: Callable[[], int]
    logs_lost: Callable[[], int]
    leads: Callable[[], bool]

    def collect(self) -> Iterator[Metric]:
        """Everything, gathered anew."""
        yield gauge("slipway_leader", "1 for the replica that decides, 0 for a standby.", float(self.leads()))
        yield from self._loop()
        yield from self._api()
        yield from self._watches()
        yield from self._metastore()
        yield from self._logs()

    def _loop(self) -> Iterator[Metric]:
        decided = {question.value: float(self.loop.decisions[question]) for question in Question}
        failed = {question.value: float(self.loop.failed[question]) for question in Question}
        yield counters("slipway_decisions", "Decisions made, by what was asked.", ("question",), decided)
        yield counters(
            "slipway_decision_failures",
            "Decisions that failed, or whose actions could not be carried out; they are asked again later.",
            ("question",),
            failed,
        )

    def _api(self) -> Iterator[Metric]:
        running, now, most = self.transport.in_flight
        yield gauge("slipway_api_in_flight", "Requests to the API server that wait for their answer.", running)
        yield gauges(
            "slipway_api_in_flight_limit",
            "Requests that may be under way at once: at present, fewer after a 429, and at most.",
            ("limit",),
            {"present": now, "most": most},
        )

    def _watches(self) -> Iterator[Metric]:
        now, ages = monotonic(), self.ages()
        yield gauges(
            "slipway_watch_age_seconds",
            "How long ago a kind was last heard of: a list, an event or a bookmark.",
            ("kind",),
            {kind: max(0.0, now - heard_at) for kind, (heard_at, _) in ages.items() if heard_at},
        )
        yield gauges(
            "slipway_watch_age_limit_seconds",
            "How long a kind may go unheard of while all is well.",
            ("kind",),
            {kind: limit for kind, (_, limit) in ages.items()},
        )

    def _metastore(self) -> Iterator[Metric]:
        writer = self.metastore
        yield gauge("slipway_metastore_healthy", "1 while the last write of rows went well.", float(writer.healthy))
        yield gauge("slipway_metastore_lag_seconds", "How long the oldest object waits for its row.", writer.lag)
        yield gauge("slipway_metastore_pending", "Observed objects that have no row yet.", writer.pending)

    def _logs(self) -> Iterator[Metric]:
        yield gauge("slipway_log_archive_waiting", "Logs that could not be put away yet.", self.logs_waiting())
        yield counter("slipway_log_archive_lost", "Logs that were lost for want of room or time.", self.logs_lost())
