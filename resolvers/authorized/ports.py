"""The ports as a caller may use them: every path to a row leads through one of these."""

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
from resolvers.ports.product_upgrades import ProductUpgrades
from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus


class RequestPorts(msgspec.Struct, frozen=True, eq=False):
    """All that a request reads from and writes to."""

    directory: Directory
    operations: Operations
    batches: Batches
    product_upgrades: ProductUpgrades
    preview_signer: PreviewSigner


def authorize_ports(ports: RequestPorts, customers: frozenset[str] | None) -> RequestPorts:
    """Limit ports to some customers, whose ids are in lower case; None leaves them as they are."""
    if customers is None:
        return ports
    return RequestPorts(
        directory=AuthorizedDirectory(ports.directory, customers),
        operations=AuthorizedOperations(ports.operations, customers),
        batches=AuthorizedBatches(ports.batches, customers),
        product_upgrades=AuthorizedProductUpgrades(ports.product_upgrades, customers),
        preview_signer=ports.preview_signer,  # what it signs was read through these ports
    )


def authorize_directory(directory: Directory, customers: frozenset[str] | None) -> Directory:
    """Limit a directory alone."""
    return directory if customers is None else AuthorizedDirectory(directory, customers)


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
