"""Live updates of product upgrades."""

from collections.abc import AsyncGenerator
from typing import Protocol

from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class ProductUpgrades(Protocol):
    """Watches product upgrades, including upgrades that were not ordered through the gateway."""

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield the status of an upgrade now and after changes, until it ends.

        Quick changes are combined. Raises the error of the upstream.
        """
        ...
