"""Operations for a caller who may access only some customers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from resolvers.authorized.customers import check_customer, is_authorized
from resolvers.orders import Order
from resolvers.ports.operations import Operations, OperationsKey, OperationsPage, Position
from schema.keys import SubscriptionKey
from schema.operation import UpgradeOperation


class AuthorizedOperations:
    """The operations of one principal, limited to some customers.

    Orders for other customers are not recorded, and their operations not returned. A caller who
    loses access to a customer no longer sees earlier operations, either.

    Args:
        customers: the ids of the customers, in lower case.
    """

    def __init__(self, operations: Operations, customers: frozenset[str]) -> None:
        self._operations = operations
        self._customers = customers

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order. Raises Forbidden if it is for another customer."""
        check_customer(self._customers, order.customer_id)
        return await self._operations.submit(order, idempotency_key)

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        found = await self._operations.wait_for_outcome(operation_id, timeout_s)
        check_customer(self._customers, found.order.customer_id)
        return found

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        return self._only_authorized(await self._operations.find(operation_id))

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        return self._only_authorized(await self._operations.find_by_key(idempotency_key, principal))

    async def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        if await self.find(operation_id) is None:
            return
        async with aclosing(self._operations.watch(operation_id)) as changes:
            async for change in changes:
                yield change

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        if await self.find(operation_id) is None:
            return None
        return await self._operations.settle(operation_id, is_done=is_done, note=note)

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        """Return a page of the operations that the caller may see.

        Reads as many pages as that takes.
        """
        operations: list[UpgradeOperation] = []
        positions: list[Position] = []
        while True:
            page = await self._operations.list_page(key)
            for operation, position in zip(page.operations, page.positions, strict=True):
                if not is_authorized(self._customers, operation.order.customer_id):
                    continue
                if len(operations) == key.first:
                    return OperationsPage(operations, positions, has_next=True)
                operations.append(operation)
                positions.append(position)
            if not page.has_next or not page.positions:
                return OperationsPage(operations, positions, has_next=False)
            key = replace(key, after=page.positions[-1])

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        check_customer(self._customers, key.customer_id)
        return await self._operations.list_for_subscription(key)

    def _only_authorized(self, found: UpgradeOperation | None) -> UpgradeOperation | None:
        if found is None or not is_authorized(self._customers, found.order.customer_id):
            return None
        return found
