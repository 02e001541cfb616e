"""The one table of what a client is told when something fails.

A problem keeps its own words and gets its code; anything else is a fault: shown as INTERNAL
without a word of what happened. Faults and upstream failures are logged with the correlation id.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import structlog
from graphql import FieldNode, GraphQLError

from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.cancellation.draining import ShuttingDown
from gateway.limits.cost.limit import CostExceeded
from gateway.limits.rate_limiter import RateLimitExceeded
from gateway.persisted.errors import (
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
    PersistedQueryRequired,
)
from gateway.upstream import errors as upstream
from resolvers.ports.errors import OperationsUnavailable
from schema import errors
from schema.quoting import shorten_message

LOG: Final = structlog.get_logger("gateway.failures")

CODES: Final[dict[type[BaseException], str]] = {
    errors.InvalidInput: "INVALID_INPUT",
    errors.NotFound: "NOT_FOUND",
    errors.Forbidden: "FORBIDDEN",
    errors.LimitExceeded: "LIMIT_EXCEEDED",
    PersistedQueryNotFound: "PERSISTED_QUERY_NOT_FOUND",
    PersistedQueryNotSupported: "PERSISTED_QUERY_NOT_SUPPORTED",
    PersistedQueryRequired: "PERSISTED_QUERY_REQUIRED",
    OperationsUnavailable: "STORE_UNAVAILABLE",
    Unauthenticated: "UNAUTHENTICATED",
    SigningKeysUnavailable: "UPSTREAM_UNAVAILABLE",
    ShuttingDown: "SHUTTING_DOWN",
    upstream.Unauthorized: "UNAUTHENTICATED",
    upstream.Conflict: "CONFLICT",
    upstream.Throttled: "THROTTLED",
    upstream.TimedOut: "UPSTREAM_TIMEOUT",
    upstream.Unavailable: "UPSTREAM_UNAVAILABLE",
    upstream.InvalidResponse: "UPSTREAM_INVALID",
}

INTERNAL: Final = "INTERNAL"
MEANINGS: Final[dict[str, str]] = {
    "INVALID_INPUT": "The request, its document or an argument is wrong. Correct it.",
    "NOT_FOUND": "There is no such thing, or not for this caller. Check the ids.",
    "FORBIDDEN": "The caller lacks the scope or the customer. Ask the gateway's operator.",
    "LIMIT_EXCEEDED": "A limit of this gateway; `rule` and `limit` name it. Ask for less, or later"
    " where `retryAfterSeconds` is set.",
    "PERSISTED_QUERY_NOT_FOUND": "No document is known by this hash or id. Send its text.",
    "PERSISTED_QUERY_NOT_SUPPORTED": "Hashes are not remembered here. Send the document.",
    "PERSISTED_QUERY_REQUIRED": "Only registered documents run here. Have it registered.",
    "STORE_UNAVAILABLE": "Operations cannot be read or recorded at the moment. Ask again later.",
    "UNAUTHENTICATED": "The credential is missing, wrong or expired. Bring a new one.",
    "CONFLICT": "Partner Center refused because of the state of the resource. Read it again.",
    "THROTTLED": "Partner Center throttles. Ask again after `retryAfterSeconds`.",
    "UPSTREAM_TIMEOUT": "Partner Center did not answer in time. Ask again.",
    "UPSTREAM_UNAVAILABLE": "Partner Center, or an issuer of tokens, is away. Ask again.",
    "SHUTTING_DOWN": "The gateway was stopped before it could answer. Ask again with the same key.",
    "UPSTREAM_INVALID": "Partner Center answered something unreadable. Report it with the ids.",
    INTERNAL: "A fault of this gateway. Report it with `correlationId`.",
}
_MASKED: Final = "Something went wrong here. The correlation id finds it in the logs."


def format_errors(errors: Sequence[GraphQLError], correlation_id: str) -> list[GraphQLError]:
    """Give every error its code and the correlation id; mask faults; log each cause once."""
    logged: set[int] = set()
    presented = []
    for error in errors:
        cause = _cause(error)
        told = _presented(error, cause, correlation_id)
        if id(cause) not in logged:
            logged.add(id(cause))
            _log(told, cause, correlation_id)
        presented.append(told)
    return presented


def _log(told: GraphQLError, cause: BaseException | None, correlation_id: str) -> None:
    """Log a fault with its trace and an upstream failure in its own words.

    What is wrong with a document is its sender's to know: nobody fills the log by sending it.
    """
    if isinstance(cause, upstream.UpstreamError):
        LOG.warning(
            "upstream failure",
            correlation_id=correlation_id,
            path=told.path,
            code=find_code(cause),
            reason=str(cause),
            upstream_status=cause.status,
            upstream_code=cause.upstream_code,
            upstream_request_id=cause.request_id,
        )
    elif find_code(cause) == INTERNAL:
        LOG.error("fault", correlation_id=correlation_id, path=told.path, exc_info=cause)


def find_code(cause: BaseException | None) -> str:
    """Find the code of an exception by its class, INTERNAL for a class that has none."""
    if cause is None:
        return "INVALID_INPUT"  # the document or its variables, refused before anything was run
    return next((CODES[kind] for kind in type(cause).__mro__ if kind in CODES), INTERNAL)


def _cause(error: GraphQLError) -> BaseException | None:
    """Return what a resolver raised; None when the document itself was refused."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    is_refused_document = isinstance(cause, GraphQLError) and _is_about_the_document(error)
    return None if is_refused_document else cause


def _is_about_the_document(error: GraphQLError) -> bool:
    """Tell a wrong argument, which points at its value, from a result that cannot be printed."""
    points_at_fields = all(isinstance(node, FieldNode) for node in error.nodes or ())
    return error.path is None or not points_at_fields


def _presented(
    error: GraphQLError, cause: BaseException | None, correlation_id: str
) -> GraphQLError:
    code = find_code(cause)
    return GraphQLError(
        _message(error, cause, code),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "correlationId": correlation_id, **_details(cause)},
    )


def _message(error: GraphQLError, cause: BaseException | None, code: str) -> str:
    if code == INTERNAL:
        return _MASKED
    text = cause.public_message if isinstance(cause, upstream.UpstreamError) else error.message
    return shorten_message(text)


def _details(cause: BaseException | None) -> dict[str, Any]:
    """Add which limit it was, what the vendor said, and when to come back."""
    details: dict[str, Any] = {}
    if isinstance(cause, errors.LimitExceeded):
        details["rule"] = cause.rule
        if cause.maximum is not None:
            details["limit"] = cause.maximum
    if isinstance(cause, CostExceeded):
        details["cost"] = cause.cost
    if isinstance(cause, RateLimitExceeded):
        details["retryAfterSeconds"] = cause.retry_after_s
    if isinstance(cause, upstream.Throttled):
        details["retryAfterSeconds"] = math.ceil(cause.retry_after_s)
    if isinstance(cause, upstream.UpstreamError):
        vendor = {
            "upstreamStatus": cause.status,
            "upstreamCode": cause.upstream_code,
            "upstreamRequestId": cause.request_id,
            "upstreamCorrelationId": cause.correlation_id,
        }
        details.update((name, value) for name, value in vendor.items() if value is not None)
    return details
