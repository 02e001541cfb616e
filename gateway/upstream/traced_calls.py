"""Records calls and their attempts as spans. Used only if traces are on."""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gateway.observability.tracing import Tracing
from gateway.upstream.burst import Burst, ReadBursts
from gateway.upstream.call import Call
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.scope import RequestScope
from gateway.upstream.shared_read import ReadPromise, SharedRead
from gateway.upstream.transport.base import TransportError, UpstreamResponse
from gateway.upstream.transport.instrumented import name_outcome
from resolvers.promise import Promise

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

T = TypeVar("T")


class CallTraces:
    """Records the calls of a client as spans.

    Attributes:
        tracing: creates the spans.
    """

    def __init__(self, tracing: Tracing) -> None:
        self.tracing = tracing
        self._calls: dict[str, Context] = {}

    def start(self, call: Call, scope: RequestScope, request_id: str) -> "Span":
        """Start the span of a read. The spans of its attempts are its children."""
        span = self.tracing.start(call.endpoint.name, scope.trace, _attributes(scope, request_id))
        self._calls[request_id] = self.tracing.within(span, scope.trace)
        return span

    def end(self, span: "Span", request_id: str) -> None:
        self._calls.pop(request_id, None)
        span.end()

    def add_reader(self, read: SharedRead, scope: RequestScope, promise: Promise[Any]) -> None:
        """Record how long a request waits for a read that another request has started."""
        attributes = {"partner_center.correlation_id": scope.correlation_id}
        linked = [read.span] if isinstance(read, TracedRead) else []
        name = f"{read.call.endpoint.name} (shared)"
        span = self.tracing.start(name, scope.trace, attributes, linked)
        promise.on_settled(lambda settled: span.end())

    def record_attempt(
        self,
        call: Call,
        outcome: UpstreamResponse | TransportError,
        seconds: float,
        scope: RequestScope,
        request_id: str,
    ) -> None:
        """Record an attempt, which has just ended, as a span."""
        parent = self._calls.get(request_id)
        if parent is None and not call.endpoint.is_safe:
            parent = self.tracing.current()  # the operation's step, which sends the write
        if parent is None:
            return
        attributes: dict[str, str | int] = {
            "http.request.method": call.endpoint.method,
            "url.template": call.endpoint.path,
            **_attributes(scope, request_id),
        }
        error: str | None = name_outcome(outcome)
        if isinstance(outcome, UpstreamResponse):
            attributes["http.response.status_code"] = outcome.status
            if outcome.is_success:
                error = None
        method = call.endpoint.method
        self.tracing.record(f"{method} {call.endpoint.path}", parent, attributes, seconds, error)


def _attributes(scope: RequestScope, request_id: str) -> dict[str, str]:
    """Return the ids that the vendor's support asks for."""
    return {
        "partner_center.request_id": request_id,
        "partner_center.correlation_id": scope.correlation_id,
    }


class TracedRead(SharedRead):
    """A read that is recorded as a span."""

    __slots__ = ("_traces", "span")

    def __init__(
        self, burst: Burst, key: Hashable, call: Call, decode: Callable[[bytes], Any]
    ) -> None:
        super().__init__(burst, key, call, decode)
        self._traces = cast("TracedBursts", burst.bursts).traces
        self.span = self._traces.start(call, burst.scope, self._request_id)

    def fail(self, error: Exception) -> None:
        self._traces.tracing.fail(self.span, type(error).__name__)
        super().fail(error)

    def _finish(self) -> list[ReadPromise[Any]]:
        self._traces.end(self.span, self._request_id)
        return super()._finish()


class TracedBursts(ReadBursts):
    """Sends reads in bursts, and records each as a span."""

    def __init__(self, sender: RequestSender, traces: CallTraces) -> None:
        super().__init__(sender)
        self.traces = traces

    def create_read(
        self, burst: Burst, key: Hashable, call: Call, decode: Callable[[bytes], Any]
    ) -> SharedRead:
        kind = SharedRead if burst.scope.trace is None else TracedRead
        return kind(burst, key, call, decode)

    def read(
        self, key: Hashable, call: Call, scope: RequestScope, decode: Callable[[bytes], T]
    ) -> Promise[T]:
        shared = self.in_flight.get(key)
        promise = super().read(key, call, scope, decode)
        if shared is not None and scope.trace is not None:
            self.traces.add_reader(shared, scope, promise)
        return promise
