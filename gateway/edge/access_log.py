"""The access log: one line for each GraphQL request, without variables and tokens."""

from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway.edge.response import GraphQLResponse
from gateway.persisted.manifest import hash_document

if TYPE_CHECKING:
    from gateway.edge.pipeline import AcceptedRequest

LOG: Final = structlog.get_logger("gateway.access")
_HASH: Final = "document_hash"
_UNKNOWN: Final = {"operation": None, "type": None, "document": None}


def log_accepted(accepted: "AcceptedRequest", response: GraphQLResponse | None, ms: float) -> None:
    """Log a request that was executed.

    Args:
        accepted: the request.
        response: the last response; None if the client disconnected before it.
        ms: the duration in milliseconds.
    """
    operation = accepted.operation
    document = operation.derived.get(_HASH)
    if document is None:
        document = operation.derived[_HASH] = hash_document(accepted.document.text)
    named = {"operation": operation.name, "type": operation.type_name, "document": document}
    cost = {"estimated": accepted.cost.calls, "actual": 0}
    _log(named, accepted.caller.principal, cost, response, ms)


def log_rejected(response: GraphQLResponse, caller: str | None, ms: float | None) -> None:
    """Log a request that was not executed. `caller` is None if the caller is unknown."""
    _log(_UNKNOWN, caller, {}, response, ms)


def _log(
    named: dict[str, Any],
    caller: str | None,
    cost: dict[str, int],
    response: GraphQLResponse | None,
    ms: float | None,
) -> None:
    outcome = "cancelled" if response is None else response.outcome
    if response is not None and response.extensions:
        cost = response.extensions.get("cost", cost)
    extensions = response.errors[0].extensions if response is not None and response.errors else None
    LOG.info(
        "request",
        **named,
        caller=caller,
        upstream_calls_estimated=cost.get("estimated"),
        upstream_calls=cost.get("actual"),
        duration_ms=None if ms is None else round(ms, 2),
        outcome=outcome,
        correlation_id=extensions and extensions.get("correlationId"),
    )
