"""Who upgrades what at this moment: one operation at a time for each source."""

from gateway.operations.record import Record
from resolvers.orders import ProductUpgradeOrder


class Claims:
    """What the open operations of this process hold; the vendor refuses what others hold."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, ...], str] = {}

    def holder(self, record: Record) -> str:
        """Claim what an order changes unless it is held; returns the id of who holds it."""
        return self._holders.setdefault(_subject(record), record.id)

    def release(self, record: Record) -> None:
        """Give back what an operation holds, if it does."""
        if self._holders.get(_subject(record)) == record.id:
            del self._holders[_subject(record)]


def _subject(record: Record) -> tuple[str, ...]:
    order = record.order
    if isinstance(order, ProductUpgradeOrder):
        return ("product", *order.product.folded)
    return ("subscription", *order.source.folded)
