"""Names and values -> families of metrics, for what is read only when Prometheus asks."""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

Values = Mapping[Any, float]
"""A value for each label, or tuple of labels."""


def gauge(name: str, sentence: str, value: float) -> Metric:
    """One value that goes up and down."""
    return GaugeMetricFamily(name, sentence, value=value)


def gauges(name: str, sentence: str, labels: tuple[str, ...], values: Values) -> Metric:
    """The same by labels."""
    family = GaugeMetricFamily(name, sentence, labels=labels)
    for place, value in values.items():
        family.add_metric(_labels(place), value)
    return family


def counters(name: str, sentence: str, labels: tuple[str, ...], values: Values) -> Metric:
    """Values that only rise while the process lives, by labels; the name without `_total`."""
    family = CounterMetricFamily(name, sentence, labels=labels)
    for place, value in values.items():
        family.add_metric(_labels(place), value)
    return family


def counter(name: str, sentence: str, value: float) -> Metric:
    """One value that only rises; the name without `_total`."""
    return CounterMetricFamily(name, sentence, value=value)


def _labels(place: Any) -> list[str]:
    parts: Iterable[Any] = place if isinstance(place, tuple) else (place,)
    return [str(part) for part in parts]
