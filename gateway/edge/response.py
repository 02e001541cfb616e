"""Responses to GraphQL requests, and the exceptions that end a request before its execution."""

from collections.abc import Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from gateway.asgi import Header
from gateway.edge.error_codes import format_errors
from gateway.ids import new_uuid
from schema.errors import RequestError


class GraphQLResponse(msgspec.Struct, frozen=True):
    """One response. A subscription, or incremental delivery, consists of several.

    Attributes:
        errors: the errors that clients get: with codes, and with faults masked.
        was_executed: whether execution began; the response then has `data`, possibly null.
        incremental: the members of incremental delivery, such as `hasNext`.
        status: the HTTP status if nothing was executed.
        headers: extra HTTP headers, such as `Retry-After`.
    """

    data: Any = None
    errors: Sequence[GraphQLError] = ()
    extensions: dict[str, Any] | None = None
    was_executed: bool = True
    incremental: dict[str, Any] | None = None
    status: int = 422
    headers: Sequence[Header] = ()

    @property
    def is_rejection(self) -> bool:
        return not self.was_executed and self.incremental is None

    @property
    def outcome(self) -> str:
        """The code of the first error, or `ok`. It is a label of metrics."""
        extensions = self.errors[0].extensions if self.errors else None
        return extensions["code"] if extensions else "ok"

    def to_dict(self) -> dict[str, Any]:
        """Return the response as the GraphQL specification formats it."""
        content: dict[str, Any] = {}
        if self.errors:
            content["errors"] = [error.formatted for error in self.errors]
        if self.was_executed:
            content["data"] = self.data
        if self.extensions:
            content["extensions"] = self.extensions
        if self.incremental:
            content.update(self.incremental)
        return content


class RequestRejected(Exception):
    """The GraphQL request is not executed; `response` says why."""

    def __init__(self, response: GraphQLResponse) -> None:
        super().__init__("; ".join(error.message for error in response.errors))
        self.response = response


class HttpError(Exception):
    """The HTTP request is rejected before its GraphQL request is known.

    Attributes:
        status: a status of the GraphQL-over-HTTP draft or of RFC 9110.
        problem: the one error of the response.
        headers: headers that the status requires, such as `Allow`.
    """

    def __init__(self, status: int, problem: RequestError, headers: Sequence[Header] = ()) -> None:
        super().__init__(str(problem))
        self.status = status
        self.problem = problem
        self.headers = headers


def error_response(
    problem: Exception, status: int = 422, headers: Sequence[Header] = ()
) -> GraphQLResponse:
    """Build a response with one error, whose message is the text of the exception."""
    error = GraphQLError(str(problem), original_error=problem)
    return error_list_response([error], status, headers)


def error_list_response(
    errors: Sequence[GraphQLError], status: int, headers: Sequence[Header] = ()
) -> GraphQLResponse:
    formatted = format_errors(errors, new_uuid())
    return GraphQLResponse(errors=formatted, was_executed=False, status=status, headers=headers)
