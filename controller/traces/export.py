"""Spans -> OTLP over HTTP, to where OpenTelemetry's own variables OTEL_* say. The one place that knows its packages.

They are the extra `slipway[otel]`, so they are imported when an exporter is made.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from controller import __version__
from controller.errors import Usage
from controller.traces.spans import Span

SPANS_AT_ONCE: Final = 512
"""As many as OpenTelemetry's own processor puts into one request."""


class Exporter(Protocol):
    """Whatever sends spans."""

    def export(self, spans: Sequence[Span]) -> bool:
        """Whether all were taken. It may wait for the network, so call it from a thread that may wait too."""

    def close(self) -> None:
        """Give up what is under way."""


def is_switched_off() -> bool:
    """Whether OpenTelemetry's own switch is off."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


class OtlpExporter:
    """Sends spans by OpenTelemetry's protocol; Usage where the extra is not installed."""

    def __init__(self) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
        except ImportError as error:
            raise Usage(
                "tracing is on, but OpenTelemetry is not installed: install slipway[otel], or switch tracing off"
            ) from error
        self._provider = TracerProvider(resource=Resource.create(_resource(os.environ)), shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()

    def export(self, spans: Sequence[Span]) -> bool:
        """Send the spans of sampled traces, so many at once; False as soon as some are not taken."""
        from opentelemetry.sdk.trace.export import SpanExportResult

        sampled = [self._readable(span) for span in spans if self._is_sampled(span)]
        batches = [sampled[place : place + SPANS_AT_ONCE] for place in range(0, len(sampled), SPANS_AT_ONCE)]
        return all(self._exporter.export(batch) is SpanExportResult.SUCCESS for batch in batches)

    def close(self) -> None:
        """Give up what is under way."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _is_sampled(self, span: Span) -> bool:
        """As the sampler of OTEL_TRACES_SAMPLER says of the trace: all of its spans, or none."""
        from opentelemetry.sdk.trace.sampling import Decision

        asked = self._provider.sampler.should_sample(None, int(span.trace, 16), span.name)
        return asked.decision is Decision.RECORD_AND_SAMPLE

    def _readable(self, span: Span) -> Any:
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace.status import Status, StatusCode

        failed = span.failure is not None
        return ReadableSpan(
            name=span.name,
            context=_context(span.trace, span.id),
            parent=_context(span.trace, span.parent) if span.parent else None,
            resource=self._provider.resource,
            attributes=span.values,
            status=Status(StatusCode.ERROR, span.failure) if failed else Status(StatusCode.OK),
            start_time=_nanoseconds(span.start),
            end_time=_nanoseconds(span.end),
            instrumentation_scope=InstrumentationScope("slipway", __version__),
        )


def _context(trace: str, span: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(int(trace, 16), int(span, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _resource(environment: Mapping[str, str]) -> dict[str, str]:
    """What the spans are said to come from, unless the variables say it."""
    told = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {"service.version": __version__} | ({} if told else {"service.name": "slipway"})


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1000
