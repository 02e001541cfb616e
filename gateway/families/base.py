"""The base class of the families of upgrades, and their access to the upstream."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.families.audit_matching import names_target
from gateway.families.examination import Examination, digest_preview, validate_token
from gateway.families.step_results import (
    REJECTIONS,
    blocker_from,
    check_failed,
    refused,
    rejection,
)
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
)
from gateway.upstream.commands import CommandOutcome, PartnerCommands, PreparedCommand
from gateway.upstream.errors import UpstreamError
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.write_outcome import NeverSent
from resolvers.orders import AnyOrder, Order
from resolvers.ports.directory import Directory
from schema.audit_record import AuditRecord
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from schema.preview import UpgradePreview

T = TypeVar("T")

OpenScope = Callable[[str, str | None], RequestScope | None]
"""Opens a scope for a principal, under a correlation id or a new one. Returns None without the
principal's token."""

NO_CREDENTIALS: Final = Blocker(
    message="The gateway has no token of the caller.", needs_credentials=True
)
_READ_TIMEOUT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class UpstreamAccess:
    """Gives operations access to Partner Center, with the credentials of their principals.

    A scope holds the credentials, deadline and call budget of one step.

    Attributes:
        directory: builds the reads that use a scope.
        commands: builds the writes that use a scope and send a request id.
        call_counter: counts each call of an operation.
        removes_scheduled_changes: whether scheduled changes may be removed; off while it is not
            confirmed how the vendor removes them (G23).
    """

    open_scope: OpenScope
    directory: Callable[[RequestScope], Directory]
    commands: Callable[[RequestScope, str], PartnerCommands]
    clock: Clock
    call_counter: OperationCallCounter
    removes_scheduled_changes: bool = False

    def write_scope(self, record: OperationRecord, correlation_id: str) -> RequestScope | None:
        """Open a scope for a write, whose calls are counted. Returns None without credentials."""
        scope = self.open_scope(record.principal, correlation_id)
        return None if scope is None else self._counted(scope, record)

    def read_scope(
        self, record: OperationRecord, correlation_id: str | None
    ) -> RequestScope | None:
        """Open a scope whose reads may take at most 20 s. Returns None without credentials.

        If the vendor responds more slowly, the operation waits and reads again later.
        """
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return None
        deadline = min(scope.deadline, self.clock.monotonic() + _READ_TIMEOUT_S)
        return replace(self._counted(scope, record), deadline=deadline)

    def _counted(self, scope: RequestScope, record: OperationRecord) -> RequestScope:
        count = partial(self.call_counter.count, record)
        return replace(scope, budget=CallBudget(scope.budget.max_calls, count))


class PartnerCenterFamily(ABC, Generic[AnyOrder]):
    """The base class of the families. Each sends one type of order to Partner Center.

    The order class (`order_type`) has everything that follows from an order alone. A family adds
    the calls, and shows operations in the graph. It raises `UpstreamError` if a call fails; this
    class turns the error into the result of the step. Implements `UpgradeFamily` of `activities`.

    Attributes:
        polls: whether an accepted order is polled until it ends.
        audit_types: `operationType` of the audit records of an executed order (CONTRACT-2 5.9).
    """

    polls: bool = False
    audit_types: frozenset[str] = frozenset()

    def __init__(self, access: UpstreamAccess) -> None:
        self._access = access

    @property
    @abstractmethod
    def order_type(self) -> type[AnyOrder]: ...

    @abstractmethod
    async def examine(self, order: AnyOrder, directory: Directory) -> Examination:
        """Read what the order depends on, and determine whether it can be sent."""

    async def complete_baseline(
        self, order: AnyOrder, baseline: Baseline, directory: Directory
    ) -> Baseline:
        """Add what a preview does not need to the baseline, the state before the order is sent.

        By default, nothing is missing.
        """
        return baseline

    @abstractmethod
    async def prepare(
        self, order: AnyOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        """Build the request that buys, and wait for a slot: the right to send it now.

        Returns a blocker if it cannot be sent at the moment.
        """

    @abstractmethod
    async def reconcile_order(
        self, order: AnyOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        """Determine from the vendor's state whether the order took effect."""

    async def poll_order(self, order: AnyOrder, reference: str, directory: Directory) -> PollResult:
        """Read the progress of an accepted order. Only families with `polls` implement it."""
        raise TypeError(f"{type(self).__name__} does not poll")

    @abstractmethod
    def show_order(self, order: AnyOrder, quantity: int | None) -> OperationOrder:
        """Convert the order for the graph, with `quantity` if the order itself has none."""

    @abstractmethod
    def show_result(self, order: AnyOrder, body: str) -> ResultFields:
        """Decode the stored body of a result into the field of the graph that shows it."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        scope = self._access.read_scope(record, correlation_id)
        if scope is None:
            return CheckResult(at=self.now(), blocker=NO_CREDENTIALS)
        order, directory = self._order(record), self._access.directory(scope)
        try:
            found = await self.examine(order, directory)
            refusal = found.refusal or validate_token(order, found.show, record.created_at)
            if refusal is not None:
                return refused(refusal, self.now(), found.body)
            baseline = await self.complete_baseline(order, found.baseline, directory)
        except UpstreamError as error:
            return check_failed(error, self.now())
        return CheckResult(at=self.now(), baseline=baseline, reference=found.reference)

    async def preview(self, order: Order, directory: Directory) -> UpgradePreview:
        """Return what the order would do now, with the reason if it would be refused.

        Raises UpstreamError unless the error means that the vendor rejects the order.
        """
        order = self._require(order)
        try:
            found = await self.examine(order, directory)
        except REJECTIONS as error:
            found = Examination(
                show=partial(UpgradePreview, is_eligible=False), refusal=rejection(error)
            )
        preview = found.show()
        preview.kind = OperationKind.__members__.get(order.kind, OperationKind.UNKNOWN)
        preview.user_errors = [] if found.refusal is None else [found.refusal]
        preview.digest = digest_preview(order, preview)
        return preview

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

    def names_change(self, order: Order, quantity: int | None, record: AuditRecord) -> bool:
        """Whether an audit record of the order's subscription describes the ordered change.

        `quantity` is None if it is unknown.
        """
        return names_target(order.target, quantity, record)

    def now(self) -> float:
        """Return the time to store with a step's result, in seconds since the epoch."""
        return self._access.clock.wall()

    def _order(self, record: OperationRecord) -> AnyOrder:
        return self._require(record.order)

    def _require(self, order: Order) -> AnyOrder:
        if not isinstance(order, self.order_type):
            raise TypeError(f"{type(self).__name__} cannot execute {type(order).__name__}.")
        return order


@dataclass(frozen=True, slots=True)
class CommandSlot(Generic[T]):
    """The right to send one prepared write now. Implements `SendSlot` of `activities`.

    Args:
        read: converts the outcome of the write.
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
    """Return the slot that sends a prepared write, or a blocker if it could not be prepared."""
    if isinstance(prepared, NeverSent):
        return blocker_from(prepared.error)
    return CommandSlot(prepared, read)
