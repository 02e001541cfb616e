"""The ports of operations and batches, limited to the customers of their caller."""

from collections.abc import AsyncGenerator

import msgspec

from resolvers.authorized.batches import AuthorizedBatches
from resolvers.authorized.customers import check_customer
from resolvers.authorized.directory import AuthorizedDirectory
from resolvers.authorized.operations import AuthorizedOperations
from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.previews import Previews
from resolvers.ports.product_upgrades import ProductUpgrades
from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class RequestPorts(msgspec.Struct, frozen=True, eq=False):
    """The interfaces through which one request uses operations, batches and previews."""

    operations: Operations
    batches: Batches
    product_upgrades: ProductUpgrades
    previews: Previews
    preview_signer: PreviewSigner


def authorize_ports(ports: RequestPorts, customers: frozenset[str] | None) -> RequestPorts:
    """Limit ports to some customers, by ids in lower case; None means no limit."""
    if customers is None:
        return ports
    return RequestPorts(
        operations=AuthorizedOperations(ports.operations, customers),
        batches=AuthorizedBatches(ports.batches, customers),
        product_upgrades=AuthorizedProductUpgrades(ports.product_upgrades, customers),
        previews=ports.previews,  # reads with the directory that it is given
        preview_signer=ports.preview_signer,  # signs only what the directory let the caller read
    )


def authorize_directory(directory: Directory, customers: frozenset[str] | None) -> Directory:
    """Limit a directory to some customers, by ids in lower case; None means no limit."""
    return directory if customers is None else AuthorizedDirectory(directory, customers)


class AuthorizedProductUpgrades:
    """Watches product upgrades, but only for some customers.

    Args:
        customers: the ids of the customers, in lower case.
    """

    def __init__(self, product_upgrades: ProductUpgrades, customers: frozenset[str]) -> None:
        self._product_upgrades = product_upgrades
        self._customers = customers

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Watch a product upgrade. Raises Forbidden for another customer."""
        check_customer(self._customers, key.product.customer_id)
        return self._product_upgrades.watch(key)
