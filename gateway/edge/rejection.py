"""Turns the reason why a GraphQL request is not executed into a response with a status."""

from typing import Any

import msgspec
from graphql import GraphQLSyntaxError

from gateway.edge.response import RequestRejected, error_list_response, error_response
from gateway.engine import InvalidDocument
from gateway.limits.cost.limit import CostExceeded
from gateway.limits.rate_limiter import RateLimitExceeded
from schema.errors import Forbidden, InvalidInput, RequestError
from schema.quoting import quote


def build_rejection(reason: InvalidDocument | RequestError) -> RequestRejected:
    if isinstance(reason, InvalidDocument):
        status = 400 if isinstance(reason.errors[0], GraphQLSyntaxError) else 422
        return RequestRejected(error_list_response(reason.errors, status))
    if isinstance(reason, RateLimitExceeded):
        return RequestRejected(error_response(reason, 429, reason.headers))
    response = error_response(reason, 403 if isinstance(reason, Forbidden) else 422)
    if isinstance(reason, CostExceeded):
        response = msgspec.structs.replace(response, extensions=cost_extension(reason.estimated, 0))
    return RequestRejected(response)


def unknown_operation_error(name: str | None) -> InvalidInput:
    if name:
        return InvalidInput(f"The document has no operation named {quote(name)}.")
    return InvalidInput(
        "The document does not have exactly one operation. Send `operationName` to choose one."
    )


def cost_extension(estimated: int, actual: int) -> dict[str, Any] | None:
    """Return the extension with estimated and actual upstream calls; None if there were none."""
    if not (estimated or actual):
        return None
    return {"cost": {"estimated": estimated, "actual": actual}}
