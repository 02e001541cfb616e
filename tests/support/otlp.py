"""A collector that receives traces over OTLP/HTTP."""

import contextlib
import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class ExportedSpan:
    """A span as the collector received it."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, object]
    links: tuple[str, ...]
    is_error: bool


@dataclass(frozen=True, slots=True)
class Collector:
    """The spans that were exported, in any order."""

    url: str
    spans: list[ExportedSpan]

    def named(self, name: str) -> list[ExportedSpan]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ExportedSpan:
        (span,) = self.named(name)
        return span

    def path(self, span: ExportedSpan) -> list[str]:
        """Return the names from the first exported ancestor to the span."""
        by_id = {each.span_id: each for each in self.spans}
        names = [span.name]
        while (parent := by_id.get(span.parent_id)) is not None:
            span = parent
            names.insert(0, span.name)
        return names


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    """Receive spans until the block ends."""
    spans: list[ExportedSpan] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            spans.extend(_decode(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Collector(f"http://127.0.0.1:{server.server_port}", spans)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _decode(body: bytes) -> Iterator[ExportedSpan]:
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield ExportedSpan(
                    span.name,
                    span.kind,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    {
                        each.key: getattr(each.value, each.value.WhichOneof("value"))
                        for each in span.attributes
                    },
                    tuple(link.span_id.hex() for link in span.links),
                    span.status.code == span.status.STATUS_CODE_ERROR,
                )
