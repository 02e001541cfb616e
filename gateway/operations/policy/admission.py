"""Lets orders in that the guards allow, and counts their seats, over restarts and replicas."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.operations.policy.policy_file import PolicyUnreadable, PurchasePolicyFile
from gateway.operations.policy.purchase_policy import find_violation, seat_limit, seat_violation
from gateway.operations.policy.seat_quota import SeatQuota
from resolvers.orders import Order
from resolvers.ports.errors import OrderForbidden

_BROKEN: Final = (
    "The guards of this gateway cannot be read, so nothing is bought until its operator has"
    " corrected them; its log says what is wrong."
)
SeatsOf = Callable[[Sequence[Order]], Awaitable[int]]


class AdmissionControl:
    """Decides about new orders; those that are recorded already are never asked about again."""

    def __init__(self, file: PurchasePolicyFile, seats: SeatQuota) -> None:
        self._file = file
        self._seats = seats
        # Two of this process that count at a time would only get in each other's way.
        self._counting = asyncio.Lock()

    def unavailable_reason(self) -> str | None:
        """Say why nothing is let in at all; None when something may be."""
        try:
            self._file.current()
        except PolicyUnreadable:
            return "the guards cannot be read, so nothing is bought; the gateway's log says why"
        return None

    async def admit(
        self, operation_id: str, principal: str, orders: Sequence[Order], seats_of: SeatsOf
    ) -> None:
        """Let orders in, as one operation or batch.

        Raises:
            OrderForbidden: the guards say no.
            OperationsUnavailable: seats cannot be counted now.
        """
        try:
            guards = self._file.current()
        except PolicyUnreadable as broken:
            raise OrderForbidden(_BROKEN) from broken
        reason = find_violation(guards, principal, orders)
        if reason is not None:
            raise OrderForbidden(reason)
        limit = seat_limit(guards, principal)
        if limit is None:
            return
        wanted = await seats_of(orders)
        async with self._counting:
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
    """The admission of one principal.

    Attributes:
        seats_of: adds up the seats of orders, some of which only the vendor knows.
    """

    admission: AdmissionControl
    principal: str
    seats_of: SeatsOf

    async def admit(self, operation_id: str, orders: Sequence[Order]) -> None:
        """Let new orders in. Raises OrderForbidden or OperationsUnavailable."""
        await self.admission.admit(operation_id, self.principal, orders, self.seats_of)
