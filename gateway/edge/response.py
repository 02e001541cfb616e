"""What a client is told, whatever the protocol."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from gateway.asgi import Header
from gateway.edge.error_codes import format_errors


class GraphQLResponse(msgspec.Struct, frozen=True):
    """What a client is told.

    Attributes:
        errors: presented already.
        was_executed: whether execution began, so that the answer has `data`, if only null.
        delivery: what else it says where it is one of several.
        status: the draft's HTTP status of what was not executed.
        headers: what HTTP has to tell besides, such as when to come back.
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
        """Whether nothing was executed, and this is why."""
        return not self.was_executed and self.incremental is None

    @property
    def outcome(self) -> str:
        """The code of the first error, `ok` without one."""
        extensions = self.errors[0].extensions if self.errors else None
        return extensions["code"] if extensions else "ok"

    def to_dict(self) -> dict[str, Any]:
        """Return the response as GraphQL describes it."""
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
    """A request that is not executed.

    Attributes:
        answer: what to tell its client.
    """

    def __init__(self, response: GraphQLResponse) -> None:
        super().__init__("; ".join(error.message for error in response.errors))
        self.response = response


def error_response(
    problem: Exception, status: int = 422, headers: Sequence[Header] = ()
) -> GraphQLResponse:
    """Tell one reason why nothing is executed, in its own words."""
    error = GraphQLError(str(problem), original_error=problem)
    return error_list_response([error], status, headers)


def error_list_response(
    errors: Sequence[GraphQLError], status: int, headers: Sequence[Header] = ()
) -> GraphQLResponse:
    """Tell why nothing is executed."""
    told = format_errors(errors, str(uuid.uuid4()))
    return GraphQLResponse(errors=told, was_executed=False, status=status, headers=headers)
