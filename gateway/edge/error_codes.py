"""Error codes: how an exception appears in a response.

An exception of `CODES` keeps its message and gets its code. Every other exception is a fault: the
response has the code INTERNAL and a fixed message. Faults and upstream errors are logged with the
correlation id.
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

LOG: Final = structlog.get_logger("gateway.errors")

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
    "INVALID_INPUT": "The request, its document or an argument is invalid. Correct it.",
    "NOT_FOUND": "The object does not exist, or this caller may not read it. Check the ids.",
    "FORBIDDEN": "The caller lacks the scope or the customer. Ask the operator of the gateway.",
    "LIMIT_EXCEEDED": "The request exceeds a limit of the gateway, named by `rule`. Request less;"
    " if `retryAfterSeconds` is set, retry after that time.",
    "PERSISTED_QUERY_NOT_FOUND": "The gateway has no document with this hash or id. Send its text.",
    "PERSISTED_QUERY_NOT_SUPPORTED": "The gateway does not store documents by hash. Send the text.",
    "PERSISTED_QUERY_REQUIRED": "The gateway runs only registered documents. Have it registered.",
    "STORE_UNAVAILABLE": "The operations store cannot be reached. Retry later with the same key.",
    "UNAUTHENTICATED": "The credential is missing, invalid or expired. Send a valid one.",
    "CONFLICT": "Partner Center rejected the call because the resource has changed. Read it again.",
    "THROTTLED": "Partner Center is rate limiting. Retry after `retryAfterSeconds`.",
    "UPSTREAM_TIMEOUT": "Partner Center did not respond in time. Retry.",
    "UPSTREAM_UNAVAILABLE": "Partner Center or a token issuer cannot be reached. Retry;"
    " if `retryAfterSeconds` is set, after that time.",
    "SHUTTING_DOWN": "The gateway stopped before it could respond. Retry with the same key.",
    "UPSTREAM_INVALID": "Partner Center sent an unreadable response. Report it with the ids.",
    INTERNAL: "The gateway has a defect. Report it with `correlationId`.",
}
_MASKED: Final = "The gateway has an internal error. Report it with the `correlationId`."


def format_errors(errors: Sequence[GraphQLError], correlation_id: str) -> list[GraphQLError]:
    """Convert errors for the client, and log each cause once.

    Adds code and correlation id, and hides the text of internal faults.
    """
    logged: set[int] = set()
    formatted = []
    for error in errors:
        cause = _find_cause(error)
        visible = _format_error(error, cause, correlation_id)
        if id(cause) not in logged:
            logged.add(id(cause))
            _log(visible, cause, correlation_id)
        formatted.append(visible)
    return formatted


def _log(visible: GraphQLError, cause: BaseException | None, correlation_id: str) -> None:
    """Log upstream errors and faults, but not invalid requests, which could fill a disk."""
    if isinstance(cause, upstream.UpstreamError):
        LOG.warning(
            "upstream error",
            correlation_id=correlation_id,
            path=visible.path,
            code=find_code(cause),
            reason=str(cause),
            upstream_status=cause.status,
            upstream_code=cause.upstream_code,
            upstream_request_id=cause.request_id,
        )
    elif find_code(cause) == INTERNAL:
        LOG.error("fault", correlation_id=correlation_id, path=visible.path, exc_info=cause)


def find_code(cause: BaseException | None) -> str:
    """Return the code of an exception's class or base class; INTERNAL if it has none."""
    if cause is None:
        return "INVALID_INPUT"  # the document or its variables are invalid
    return next((CODES[kind] for kind in type(cause).__mro__ if kind in CODES), INTERNAL)


def _find_cause(error: GraphQLError) -> BaseException | None:
    """Return the exception that a resolver raised; None if the document is invalid."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    is_document_error = isinstance(cause, GraphQLError) and _is_about_document(error)
    return None if is_document_error else cause


def _is_about_document(error: GraphQLError) -> bool:
    """Whether the error is an invalid argument rather than a result that cannot be serialized."""
    points_at_fields = all(isinstance(node, FieldNode) for node in error.nodes or ())
    return error.path is None or not points_at_fields


def _format_error(
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
    """Return the exceeded limit, the ids of the vendor, and when to retry."""
    details: dict[str, Any] = {}
    if isinstance(cause, errors.LimitExceeded):
        details["rule"] = cause.rule
        if cause.maximum is not None:
            details["limit"] = cause.maximum
    if isinstance(cause, CostExceeded):
        details["cost"] = cause.cost
    if isinstance(cause, RateLimitExceeded):
        details["retryAfterSeconds"] = cause.retry_after_s
    if isinstance(cause, upstream.Throttled | upstream.CircuitOpen):
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
