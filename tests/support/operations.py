"""Ports of operations and product upgrades that are always empty."""

from collections.abc import AsyncGenerator, Sequence

from resolvers.orders import Order
from resolvers.ports.errors import OperationsUnavailable
from resolvers.ports.operations import OperationsKey, OperationsPage
from schema.keys import ProductUpgradeStatusKey, SubscriptionKey
from schema.operation import UpgradeOperation
from schema.product_upgrade import ProductUpgradesStatus


class EmptyOperations:
    """Implements `resolvers.ports.operations.Operations`."""

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        raise OperationsUnavailable("this test keeps no operations")

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        raise LookupError(operation_id)

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        return None

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        return None

    async def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        never: Sequence[UpgradeOperation] = ()
        for each in never:
            yield each

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        return None

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        return OperationsPage([], [], has_next=False)

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        return []


class FakeSigner:
    """Implements `resolvers.ports.preview_signer.PreviewSigner`. Signatures name the principal."""

    def __init__(self, principal: str = "somebody") -> None:
        self._principal = principal

    async def sign(self, content: str) -> str:
        return f"{self._principal}-{content[::-1]}"


class EmptyProductUpgrades:
    """Implements `resolvers.ports.product_upgrades.ProductUpgrades`, without events."""

    async def watch(
        self, key: ProductUpgradeStatusKey
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        never: Sequence[ProductUpgradesStatus] = ()
        for each in never:
            yield each
