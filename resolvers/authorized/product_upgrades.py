"""The ProductUpgrades of a caller who is limited to some customers."""

from collections.abc import AsyncGenerator

from resolvers.authorized.customers import check_customer
from resolvers.ports.product_upgrades import ProductUpgrades
from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class AuthorizedProductUpgrades:
    """Follows nothing of another customer.

    Args:
        customers: ids in lower case.
    """

    def __init__(self, product_upgrades: ProductUpgrades, customers: frozenset[str]) -> None:
        self._product_upgrades = product_upgrades
        self._customers = customers

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Follow an upgrade of a customer of the caller's; raises Forbidden for another."""
        check_customer(self._customers, key.product.customer_id)
        return self._product_upgrades.watch(key)
