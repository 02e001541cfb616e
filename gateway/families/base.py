"""The base class of the families of upgrades, and their access to the upstream."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
)
from gateway.upstream.commands import CommandOutcome, PartnerCommands, PreparedCommand
from gateway.upstream.errors import (
    Throttled,
    Unauthorized,
    UpstreamBadInput,
    UpstreamError,
    UpstreamForbidden,
    UpstreamNotFound,
)
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.write_outcome import NeverSent, Rejected, Unconfirmed
from resolvers.orders import AnyOrder
from resolvers.ports.directory import Directory
from schema.customer_subscription import CustomerSubscription
from schema.operation import AttemptOutcome
from schema.order import OperationOrder
from schema.user_errors import UserError, UserErrorCode

T = TypeVar("T")

OpenScope = Callable[[str, str | None], RequestScope | None]
"""Opens a scope for a principal, under a correlation id or a new one. Returns None without the
principal's token."""

NO_CREDENTIALS: Final = Blocker(
    message="The gateway has no token of the caller.", needs_credentials=True
)
_READ_TIMEOUT_S: Final = 20.0
_REJECTIONS: Final = (UpstreamBadInput, UpstreamForbidden, UpstreamNotFound)
_PERMANENT: Final = (*_REJECTIONS, Unauthorized)


@dataclass(frozen=True, slots=True)
class UpstreamAccess:
    """Access to Partner Center in the name of principals.

    Attributes:
        directory: builds the reads of a scope.
        commands: builds the writes of a scope under a request id.
        call_counter: counts each call of an operation.
    """

    open_scope: OpenScope
    directory: Callable[[RequestScope], Directory]
    commands: Callable[[RequestScope, str], PartnerCommands]
    clock: Clock
    call_counter: OperationCallCounter

    def write_scope(self, record: OperationRecord, correlation_id: str) -> RequestScope | None:
        """Open a scope whose calls are counted for the operation."""
        scope = self.open_scope(record.principal, correlation_id)
        return None if scope is None else self._counted(scope, record)

    def read_scope(
        self, record: OperationRecord, correlation_id: str | None
    ) -> RequestScope | None:
        """Open a scope for reads. A longer pause of the vendor is a wait of the operation."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return None
        deadline = min(scope.deadline, self.clock.monotonic() + _READ_TIMEOUT_S)
        return replace(self._counted(scope, record), deadline=deadline)

    def _counted(self, scope: RequestScope, record: OperationRecord) -> RequestScope:
        count = partial(self.call_counter.count, record)
        return replace(scope, budget=CallBudget(scope.budget.max_calls, count))


class PartnerCenterFamily(ABC, Generic[AnyOrder]):
    """A family of upgrades. Implements `gateway.operations.activities.UpgradeFamily`.

    What is known from an order alone (kind, subject, seats, type in the purchase policy) is in its
    class, the subclass of `resolvers.orders.Order` that `order_type` names. A family adds the calls
    and how operations are shown. It raises `UpstreamError` where a call fails; this class turns
    that into the result of the step.

    Attributes:
        polls: an accepted order is polled until it ends.
    """

    polls: bool = False

    def __init__(self, access: UpstreamAccess) -> None:
        self._access = access

    @property
    @abstractmethod
    def order_type(self) -> type[AnyOrder]: ...

    @abstractmethod
    async def check_order(
        self, order: AnyOrder, directory: Directory, created_at: float
    ) -> CheckResult:
        """Determine whether the order can be sent. `created_at` is the time of its record."""

    @abstractmethod
    async def prepare(
        self, order: AnyOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        """Build the purchase and acquire its slot; see `build_slot`."""

    @abstractmethod
    async def reconcile_order(
        self, order: AnyOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        """Determine from the vendor's state whether the order took effect."""

    async def poll_order(self, order: AnyOrder, reference: str, directory: Directory) -> PollResult:
        """Read the progress of an accepted order. Families that poll implement it."""
        raise TypeError(f"{type(self).__name__} does not poll")

    @abstractmethod
    def show_order(self, order: AnyOrder, quantity: int | None) -> OperationOrder:
        """Show the order. `quantity` is what is bought if the order itself has none."""

    @abstractmethod
    def show_result(self, order: AnyOrder, body: str) -> ResultFields:
        """Decode the body of a result of this family."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        scope = self._access.read_scope(record, correlation_id)
        if scope is None:
            return CheckResult(at=self.now(), blocker=NO_CREDENTIALS)
        order, directory = self._order(record), self._access.directory(scope)
        try:
            return await self.check_order(order, directory, record.created_at)
        except UpstreamError as error:
            return check_failed(error, self.now())

    async def acquire_slot(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        scope = self._access.write_scope(record, correlation_id)
        if scope is None:
            return NO_CREDENTIALS
        commands = self._access.commands(scope, record.request_id)
        return await self.prepare(self._order(record), baseline, commands)

    async def reconcile(self, record: OperationRecord, baseline: Baseline) -> ReconcileResult:
        scope = self._access.read_scope(record, None)
        if scope is None:
            return ReconcileResult(at=self.now(), blocker=NO_CREDENTIALS)
        order, directory = self._order(record), self._access.directory(scope)
        try:
            return await self.reconcile_order(order, baseline, directory)
        except UpstreamError as error:
            return ReconcileResult(at=self.now(), blocker=blocker_from(error))

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        scope = self._access.read_scope(record, None)
        if scope is None:
            return PollResult(at=self.now(), blocker=NO_CREDENTIALS)
        order, directory = self._order(record), self._access.directory(scope)
        try:
            return await self.poll_order(order, reference, directory)
        except UpstreamError as error:
            return PollResult(at=self.now(), blocker=blocker_from(error))

    def order_to_graphql(self, record: OperationRecord, quantity: int | None) -> OperationOrder:
        return self.show_order(self._order(record), quantity)

    def result_to_graphql(self, record: OperationRecord, body: str) -> ResultFields:
        return self.show_result(self._order(record), body)

    def now(self) -> float:
        """Return the time of a step's result, in seconds since the epoch."""
        return self._access.clock.wall()

    def _order(self, record: OperationRecord) -> AnyOrder:
        order = record.order
        if not isinstance(order, self.order_type):
            raise TypeError(f"{type(self).__name__} cannot execute {type(order).__name__}.")
        return order


@dataclass(frozen=True, slots=True)
class CommandSlot(Generic[T]):
    """Implements `gateway.operations.activities.SendSlot` with a prepared command.

    Args:
        read: converts the outcome of the command.
    """

    _command: PreparedCommand[T]
    _read: Callable[[CommandOutcome[T]], SendResult]

    async def send(self) -> SendResult:
        return self._read(await self._command.send())

    def release(self) -> None:
        self._command.release()


def build_slot(
    prepared: PreparedCommand[T] | NeverSent, read: Callable[[CommandOutcome[T]], SendResult]
) -> SendSlot | Blocker:
    """Build a slot from a prepared command, or the blocker that prevented it."""
    if isinstance(prepared, NeverSent):
        return blocker_from(prepared.error)
    return CommandSlot(prepared, read)


def check_failed(error: UpstreamError, at: float) -> CheckResult:
    """Build the result of a check whose call failed.

    A rejection of the order is final. All other errors are blockers.
    """
    if not isinstance(error, _REJECTIONS):
        return CheckResult(at=at, blocker=blocker_from(error))
    is_missing = isinstance(error, UpstreamNotFound)
    code = UserErrorCode.NOT_FOUND if is_missing else UserErrorCode.REFUSED_BY_VENDOR
    return CheckResult(at=at, refusal=Failure(code=code, message=str(error)))


def send_failed(outcome: NeverSent | Unconfirmed | Rejected, at: float) -> SendResult:
    """Build the result of an attempt that the vendor did not accept."""
    blocker = blocker_from(outcome.error)
    if isinstance(outcome, NeverSent):
        return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=blocker)
    if isinstance(outcome, Unconfirmed):
        return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=blocker)
    if isinstance(outcome.error, Throttled):
        return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=blocker)
    return SendResult(
        outcome=AttemptOutcome.REFUSED,
        at=at,
        blocker=blocker,
        has_fresh_token=outcome.has_fresh_token,
    )


def blocker_from(error: UpstreamError) -> Blocker:
    return Blocker(
        message=str(error),
        is_transient=not isinstance(error, _PERMANENT),
        retry_after_s=error.retry_after_s or None,  # after 0 s the operation's own backoff applies
        status=error.status,
        code=error.upstream_code,
    )


def refused(error: UserError, at: float, body: str | None = None) -> CheckResult:
    """Build the result of a check that refuses the order."""
    failure = Failure(code=error.code, message=error.message, field=error.field)
    return CheckResult(at=at, refusal=failure, body=body)


def find_subscription(
    held: Sequence[CustomerSubscription], wanted_id: str
) -> CustomerSubscription | None:
    """Find a subscription by its id, without regard to case."""
    return next((s for s in held if s.id.lower() == wanted_id.lower()), None)


def with_offer(held: Sequence[CustomerSubscription], offer_id: str) -> list[CustomerSubscription]:
    """Return the subscriptions of an offer or catalog item, without the list's duplicates."""
    found = (s for s in held if (s.offer_id or "").lower() == offer_id.lower())
    return list({s.id.lower(): s for s in found}.values())
