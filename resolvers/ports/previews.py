"""Previews of orders."""

from typing import Protocol

from resolvers.orders import Order
from resolvers.ports.directory import Directory
from schema.preview import UpgradePreview


class Previews(Protocol):
    """Previews orders, with the same checks that an operation makes before it sends one."""

    async def create(self, order: Order, directory: Directory) -> UpgradePreview:
        """Return what an order would do now. The preview has no token yet.

        Raises the error of a call that fails, unless it means that the order would be refused.
        """
        ...
