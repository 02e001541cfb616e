"""Counts the seats that each principal has ordered in the last hour, over all replicas."""

from collections.abc import Callable
from typing import Final

from gateway.clock import Clock
from gateway.operations.store.base import OperationStore, SeatReservation, StoreUnavailable
from gateway.operations.store.health import StoreHealth

_WINDOW_S: Final = 3600.0


class SeatQuota:
    """Counts and limits the seats that principals order, in the store of operations."""

    def __init__(self, store: OperationStore, clock: Clock, health: StoreHealth) -> None:
        self._store = store
        self._clock = clock
        self._health = health

    async def reserve(
        self, operation_id: str, principal: str, seats: int, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Reserve seats for an order, unless `refuse` returns a reason; that reason is returned.

        `refuse` receives the number of seats that the principal has already reserved. An operation
        that is submitted again keeps its reservation. Raises OperationsUnavailable if the store
        cannot record it.
        """
        await self._health.require_writable()
        now = self._clock.wall()
        reservation = SeatReservation(principal, operation_id, seats, now)
        try:
            return await self._store.reserve_seats(reservation, now - _WINDOW_S, refuse)
        except StoreUnavailable as error:
            raise self._health.write_error(error) from error
