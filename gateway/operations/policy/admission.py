"""Admits new orders by the purchase policy and the seat quota."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.operations.policy.policy_file import PolicyUnreadable, PurchasePolicyFile
from gateway.operations.policy.purchase_policy import find_violation, seat_limit, seat_violation
from gateway.operations.policy.seat_quota import SeatQuota
from resolvers.orders import Order
from resolvers.ports.errors import OrderForbidden

_UNREADABLE: Final = (
    "The gateway cannot read its purchase policy, so it allows no purchases. Its operator has to"
    " correct the file that `guards.file` names; the log has the reason."
)
SeatsOf = Callable[[Sequence[Order]], Awaitable[int]]


class AdmissionControl:
    """Decides whether new orders are allowed. Orders that are recorded are not checked again."""

    def __init__(self, file: PurchasePolicyFile, seats: SeatQuota) -> None:
        self._file = file
        self._seats = seats
        # Concurrent reservations would only contend for the same rows.
        self._reserving = asyncio.Lock()

    def unavailable_reason(self) -> str | None:
        """Return why the purchase policy is unreadable, so that no order is admitted; else None."""
        try:
            self._file.current()
        except PolicyUnreadable:
            return "the purchase policy cannot be read, so no purchase is allowed; see the log"
        return None

    async def admit(
        self, operation_id: str, principal: str, orders: Sequence[Order], seats_of: SeatsOf
    ) -> None:
        """Return if all orders of one operation or batch are allowed.

        Raises:
            OrderForbidden: the policy or the quota does not allow them.
            OperationsUnavailable: the store cannot reserve seats now.
        """
        try:
            policy = self._file.current()
        except PolicyUnreadable as error:
            raise OrderForbidden(_UNREADABLE) from error
        reason = find_violation(policy, principal, orders)
        if reason is not None:
            raise OrderForbidden(reason)
        limit = seat_limit(policy, principal)
        if limit is None:
            return
        wanted = await seats_of(orders)
        async with self._reserving:
            reason = await self._seats.reserve(
                operation_id,
                principal,
                wanted,
                lambda taken: seat_violation(limit, taken, wanted),
            )
        if reason is not None:
            raise OrderForbidden(reason)


@dataclass(frozen=True, slots=True)
class PrincipalAdmission:
    """Decides whether new orders of one principal are allowed.

    Attributes:
        seats_of: adds up the seats of orders; if an order has no number, reads its subscription.
    """

    admission: AdmissionControl
    principal: str
    seats_of: SeatsOf

    async def admit(self, operation_id: str, orders: Sequence[Order]) -> None:
        """Return if the orders are allowed. Raises OrderForbidden or OperationsUnavailable."""
        await self.admission.admit(operation_id, self.principal, orders, self.seats_of)
