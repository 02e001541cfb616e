"""Product upgrades, followed."""

from collections.abc import AsyncGenerator
from typing import Protocol

from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class ProductUpgrades(Protocol):
    """Product upgrades, whoever has requested them, followed in the name of one principal."""

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield a status as it stands and after changes, several at once; its end is the last.

        Raises what the upstream refuses with.
        """
        ...
