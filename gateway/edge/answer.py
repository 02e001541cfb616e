"""What a client is told, whatever the protocol."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from gateway.asgi import Header
from gateway.edge.failures import present


class Answer(msgspec.Struct, frozen=True):
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
    delivery: dict[str, Any] | None = None
    status: int = 422
    headers: Sequence[Header] = ()

    @property
    def is_refusal(self) -> bool:
        """Whether nothing was executed, and this is why."""
        return not self.was_executed and self.delivery is None

    @property
    def outcome(self) -> str:
        """The code of the first error, `ok` without one."""
        extensions = self.errors[0].extensions if self.errors else None
        return extensions["code"] if extensions else "ok"

    def content(self) -> dict[str, Any]:
        """Return the response as GraphQL describes it."""
        content: dict[str, Any] = {}
        if self.errors:
            content["errors"] = [error.formatted for error in self.errors]
        if self.was_executed:
            content["data"] = self.data
        if self.extensions:
            content["extensions"] = self.extensions
        if self.delivery:
            content.update(self.delivery)
        return content


class Refused(Exception):
    """A request that is not executed.

    Attributes:
        answer: what to tell its client.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__("; ".join(error.message for error in answer.errors))
        self.answer = answer


def refusal_of(problem: Exception, status: int = 422, headers: Sequence[Header] = ()) -> Answer:
    """Tell one reason why nothing is executed, in its own words."""
    error = GraphQLError(str(problem), original_error=problem)
    return refusal([error], status, headers)


def refusal(errors: Sequence[GraphQLError], status: int, headers: Sequence[Header] = ()) -> Answer:
    """Tell why nothing is executed."""
    told = present(errors, str(uuid.uuid4()))
    return Answer(errors=told, was_executed=False, status=status, headers=headers)
