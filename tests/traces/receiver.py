"""OTLP over HTTP on a port of this machine -> the spans that were sent, decoded from the real protobuf."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Receiver:
    """What came, and how it is answered."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.refusals: list[int] = []
        """The codes with which the next requests are answered, in place of 200."""

    @property
    def spans(self) -> list[Any]:
        """Every span that was taken, in the order of coming."""
        found = [each for request in self.requests for each in request.resource_spans]
        return [span for each in found for scope in each.scope_spans for span in scope.spans]

    @property
    def resource(self) -> dict[str, str]:
        """What the last spans are said to come from."""
        attributes = self.requests[-1].resource_spans[-1].resource.attributes
        return {each.key: each.value.string_value for each in attributes}


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    """A receiver at work and its URL, as OTEL_EXPORTER_OTLP_ENDPOINT has it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.refusals:
                self.send_response(receiver.refusals.pop(0))
                self.end_headers()
                return
            text = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            assert self.path == "/v1/traces"
            receiver.headers.append(dict(self.headers))
            receiver.requests.append(ExportTraceServiceRequest.FromString(text))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def values_of(span: Any) -> dict[str, str | int | bool]:
    """The span's attributes."""
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}
