"""What every kind of operation needs of the client, and how its outcomes are recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.operations.entries import Checked, Failure, Sent, Trouble
from gateway.operations.partner import Slot
from gateway.upstream.commands import CommandOutcome, PartnerCommands, PreparedCommand
from gateway.upstream.errors import (
    Throttled,
    Unauthorized,
    UpstreamBadInput,
    UpstreamError,
    UpstreamForbidden,
    UpstreamNotFound,
)
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.response_body import to_utf8
from gateway.upstream.write_outcome import NeverSent, Rejected, Unconfirmed
from resolvers.ports.directory import Directory
from schema.operation import AttemptOutcome
from schema.user_errors import UserError, UserErrorCode

T = TypeVar("T")

Begin = Callable[[str, str | None], RequestScope | None]
"""Begins the use of the upstream in a principal's name, under a correlation id or a new one; None
without its token."""

NO_CALLER: Final = Trouble(message="the caller's token is not kept", needs_caller=True)
_READ_WITHIN_S: Final = 20.0
_NO: Final = (UpstreamBadInput, UpstreamForbidden, UpstreamNotFound)
_LASTING: Final = (*_NO, Unauthorized)


@dataclass(frozen=True, slots=True)
class Acts:
    """The means of acting in a principal's name.

    Attributes:
        directory: reads in the name of whoever a scope is for.
        commands: writes likewise, under a request id.
    """

    begin: Begin
    directory: Callable[[RequestScope], Directory]
    commands: Callable[[RequestScope, str], PartnerCommands]
    clock: Clock

    def reading(self, principal: str, correlation_id: str | None) -> RequestScope | None:
        """Begin reads that sit out no long pause: the operation waits instead, and says so."""
        scope = self.begin(principal, correlation_id)
        if scope is None:
            return None
        soon = self.clock.monotonic() + _READ_WITHIN_S
        return replace(scope, deadline=min(scope.deadline, soon))

    def not_checked(self, error: UpstreamError) -> Checked:
        """Record a read that failed: a no to the order is final, all else is in its way."""
        if not isinstance(error, _NO):
            return Checked(at=self.clock.wall(), trouble=trouble_of(error))
        is_missing = isinstance(error, UpstreamNotFound)
        code = UserErrorCode.NOT_FOUND if is_missing else UserErrorCode.REFUSED_BY_VENDOR
        return Checked(at=self.clock.wall(), refusal=Failure(code=code, message=str(error)))

    def not_performed(self, outcome: NeverSent | Unconfirmed | Rejected) -> Sent:
        """Record an attempt that was not accepted."""
        trouble, at = trouble_of(outcome.error), self.clock.wall()
        if isinstance(outcome, NeverSent):
            return Sent(outcome=AttemptOutcome.NEVER_SENT, at=at, trouble=trouble)
        if isinstance(outcome, Unconfirmed):
            return Sent(outcome=AttemptOutcome.UNANSWERED, at=at, trouble=trouble)
        if isinstance(outcome.error, Throttled):
            return Sent(outcome=AttemptOutcome.THROTTLED, at=at, trouble=trouble)
        return Sent(
            outcome=AttemptOutcome.REFUSED,
            at=at,
            trouble=trouble,
            has_fresh_token=outcome.has_fresh_token,
        )


@dataclass(frozen=True, slots=True)
class CommandSlot(Generic[T]):
    """Implements `gateway.operations.partner.Slot` with a prepared command.

    Args:
        read: records what came of it.
    """

    _command: PreparedCommand[T]
    _read: Callable[[CommandOutcome[T]], Sent]

    async def send(self) -> Sent:
        """Send the order, once."""
        return self._read(await self._command.send())

    def release(self) -> None:
        """Let others have the turn."""
        self._command.release()


def slot_of(
    prepared: PreparedCommand[T] | NeverSent, read: Callable[[CommandOutcome[T]], Sent]
) -> Slot | Trouble:
    """Make a slot of a prepared command, or say what is in its way."""
    if isinstance(prepared, NeverSent):
        return trouble_of(prepared.error)
    return CommandSlot(prepared, read)


def trouble_of(error: UpstreamError) -> Trouble:
    """Keep of an error what decides and what people read."""
    return Trouble(
        message=str(error),
        passes=not isinstance(error, _LASTING),
        retry_after_s=error.retry_after_s or None,  # of 0 nothing is learnt: longer each time
        status=error.status,
        code=error.upstream_code,
    )


def failure_of(error: UserError | None) -> Failure | None:
    """Keep a refusal of ours."""
    if error is None:
        return None
    return Failure(code=error.code, message=error.message, field=error.field)


def text(body: bytes) -> str:
    """Keep a body as text, without a byte order mark."""
    return to_utf8(body, "").decode(errors="replace")
