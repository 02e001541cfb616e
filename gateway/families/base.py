"""What every kind of operation needs of the client, and how its outcomes are recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.operations.activities import SendSlot
from gateway.operations.model.steps import Blocker, CheckResult, Failure, SendResult
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

OpenScope = Callable[[str, str | None], RequestScope | None]
"""Begins the use of the upstream in a principal's name, under a correlation id or a new one; None
without its token."""

NO_CREDENTIALS: Final = Blocker(message="the caller's token is not kept", needs_credentials=True)
_READ_TIMEOUT_S: Final = 20.0
_REJECTIONS: Final = (UpstreamBadInput, UpstreamForbidden, UpstreamNotFound)
_PERMANENT: Final = (*_REJECTIONS, Unauthorized)


@dataclass(frozen=True, slots=True)
class FamilyActivities:
    """The means of acting in a principal's name.

    Attributes:
        directory: reads in the name of whoever a scope is for.
        commands: writes likewise, under a request id.
    """

    open_scope: OpenScope
    directory: Callable[[RequestScope], Directory]
    commands: Callable[[RequestScope, str], PartnerCommands]
    clock: Clock

    def read_scope(self, principal: str, correlation_id: str | None) -> RequestScope | None:
        """Begin reads that sit out no long pause: the operation waits instead, and says so."""
        scope = self.open_scope(principal, correlation_id)
        if scope is None:
            return None
        soon = self.clock.monotonic() + _READ_TIMEOUT_S
        return replace(scope, deadline=min(scope.deadline, soon))

    def check_failed(self, error: UpstreamError) -> CheckResult:
        """Record a read that failed: a no to the order is final, all else is in its way."""
        if not isinstance(error, _REJECTIONS):
            return CheckResult(at=self.clock.wall(), blocker=blocker_from(error))
        is_missing = isinstance(error, UpstreamNotFound)
        code = UserErrorCode.NOT_FOUND if is_missing else UserErrorCode.REFUSED_BY_VENDOR
        return CheckResult(at=self.clock.wall(), refusal=Failure(code=code, message=str(error)))

    def send_failed(self, outcome: NeverSent | Unconfirmed | Rejected) -> SendResult:
        """Record an attempt that was not accepted."""
        trouble, at = blocker_from(outcome.error), self.clock.wall()
        if isinstance(outcome, NeverSent):
            return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=trouble)
        if isinstance(outcome, Unconfirmed):
            return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=trouble)
        if isinstance(outcome.error, Throttled):
            return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=trouble)
        return SendResult(
            outcome=AttemptOutcome.REFUSED,
            at=at,
            blocker=trouble,
            has_fresh_token=outcome.has_fresh_token,
        )


@dataclass(frozen=True, slots=True)
class CommandSlot(Generic[T]):
    """Implements `gateway.operations.activities.Slot` with a prepared command.

    Args:
        read: records what came of it.
    """

    _command: PreparedCommand[T]
    _read: Callable[[CommandOutcome[T]], SendResult]

    async def send(self) -> SendResult:
        """Send the order, once."""
        return self._read(await self._command.send())

    def release(self) -> None:
        """Let others have the turn."""
        self._command.release()


def command_slot(
    prepared: PreparedCommand[T] | NeverSent, read: Callable[[CommandOutcome[T]], SendResult]
) -> SendSlot | Blocker:
    """Make a slot of a prepared command, or say what is in its way."""
    if isinstance(prepared, NeverSent):
        return blocker_from(prepared.error)
    return CommandSlot(prepared, read)


def blocker_from(error: UpstreamError) -> Blocker:
    """Keep of an error what decides and what people read."""
    return Blocker(
        message=str(error),
        is_transient=not isinstance(error, _PERMANENT),
        retry_after_s=error.retry_after_s or None,  # of 0 nothing is learnt: longer each time
        status=error.status,
        code=error.upstream_code,
    )


def failure_from(error: UserError | None) -> Failure | None:
    """Keep a refusal of ours."""
    if error is None:
        return None
    return Failure(code=error.code, message=error.message, field=error.field)


def decode_body(body: bytes) -> str:
    """Keep a body as text, without a byte order mark."""
    return to_utf8(body, "").decode(errors="replace")
