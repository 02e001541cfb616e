"""Traces in OpenTelemetry's format, exported over OTLP.

Without tracing there is no `Tracing`: every part that would record a span has None instead, and
OpenTelemetry is not imported.

The spans of a request, each below its parent::

    POST /graphql             the HTTP request, below the client's span of its `traceparent`
      query Customers         the GraphQL operation
        load batch            keys that a data loader loads together
        list_subscriptions    a call to Partner Center; readers that share it have spans that link
          GET                 each attempt
        operation UPGRADE_…   an upgrade that the request submitted; it may outlive the request
          send                each step of it
            POST              an attempt
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span
    from opentelemetry.util.types import AttributeValue

_NOT_INSTALLED: Final = (
    "traces: OpenTelemetry is not installed; install upgrade-gateway[otel], or set `traces` to off"
)


class Tracing:
    """Records spans with OpenTelemetry.

    Args:
        provider: the provider of OpenTelemetry; `shutdown` shuts it down.
    """

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import context, propagate, trace

        self._provider = provider
        self._tracer = provider.get_tracer("upgrade_gateway")
        self._context = context
        self._propagate = propagate
        self._trace = trace

    @classmethod
    def from_environment(cls) -> Tracing:
        """Configure tracing from OpenTelemetry's variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.

        Raises ValueError if OpenTelemetry is not installed.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import OTELResourceDetector, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise ValueError(_NOT_INSTALLED) from error
        named = Resource.create({"service.name": "upgrade-gateway"})
        resource = named.merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def is_recorded(self) -> bool:
        """Whether spans that start now are recorded: not below a span that is not sampled."""
        span = self._trace.get_current_span()
        return span.is_recording() or not span.get_span_context().is_valid

    def current(self) -> Context | None:
        """Return the tracing context of this task, to start spans in other tasks.

        None if they would not be recorded; then none are started.
        """
        return self._context.get_current() if self.is_recorded() else None

    def current_span(self) -> Span:
        return self._trace.get_current_span()

    def start_server(
        self, name: str, headers: Mapping[str, str], attributes: Mapping[str, AttributeValue]
    ) -> Span:
        """Start the span of a request, below the client's span if the headers name one."""
        parent = self._context.Context()
        if headers:
            parent = self._propagate.extract(headers, context=parent)
        kind = self._trace.SpanKind.SERVER
        return self._tracer.start_span(name, parent, kind=kind, attributes=attributes)

    async def run(self, span: Span, work: Awaitable[None]) -> None:
        """Run work below a span; if that is not sampled, nothing below it is recorded."""
        token = self._context.attach(self._trace.set_span_in_context(span))
        try:
            await work
        finally:
            self._context.detach(token)

    def start(
        self,
        name: str,
        parent: Context | None,
        attributes: Mapping[str, AttributeValue],
        linked: Sequence[Span] = (),
    ) -> Span:
        """Start a span. The caller has to end it."""
        links = [self._trace.Link(each.get_span_context()) for each in linked]
        return self._tracer.start_span(name, parent, attributes=attributes, links=links)

    def within(self, span: Span, parent: Context | None = None) -> Context:
        """Return a context in which new spans are children of this span."""
        return self._trace.set_span_in_context(span, parent)

    def record(
        self,
        name: str,
        parent: Context | None,
        attributes: Mapping[str, AttributeValue],
        seconds: float,
        error: str | None,
    ) -> None:
        """Record a request to another server, which has just ended, as a span."""
        ended_ns = time.time_ns()
        span = self._tracer.start_span(
            name,
            parent,
            kind=self._trace.SpanKind.CLIENT,
            attributes=attributes,
            start_time=ended_ns - int(seconds * 1_000_000_000),
        )
        if error is not None:
            self.fail(span, error)
        span.end(ended_ns)

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Mapping[str, AttributeValue],
        parent: Context | None = None,
    ) -> Iterator[Span]:
        """Record the block as a span. Spans that start in the block are its children."""
        with self._tracer.start_as_current_span(
            name,
            parent,
            attributes=attributes,
            record_exception=False,  # texts of exceptions may name customers
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                self.fail(span, type(error).__name__)
                raise

    def fail(self, span: Span, error_type: str) -> None:
        span.set_attribute("error.type", error_type)
        span.set_status(self._trace.StatusCode.ERROR)

    def shutdown(self) -> None:
        """Export the last spans. Blocks until this is done."""
        self._provider.shutdown()
