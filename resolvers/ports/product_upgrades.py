"""Live updates of product upgrades."""

from collections.abc import AsyncGenerator
from typing import Protocol

from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class ProductUpgrades(Protocol):
    """Product upgrades of any origin, polled on behalf of one principal."""

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield a status now and after changes, until it ends. Combines quick changes.

        Raises the error of the upstream.
        """
        ...
