"""Previews of orders."""

from typing import Protocol

from resolvers.orders import Order
from resolvers.ports.directory import Directory
from schema.preview import UpgradePreview


class Previews(Protocol):
    """Examines orders as an operation does before it sends one."""

    async def create(self, order: Order, directory: Directory) -> UpgradePreview:
        """Show what an order would do now, without a token.

        Raises the error of a call that fails, unless it means that the order would be refused.
        """
        ...
