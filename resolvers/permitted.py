"""The ports as a caller may use them: every path to a row leads through one of these."""

import msgspec

from resolvers.permitted_batches import PermittedBatches
from resolvers.permitted_directory import PermittedDirectory
from resolvers.permitted_operations import PermittedOperations
from resolvers.permitted_product_upgrades import PermittedProductUpgrades
from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.product_upgrades import ProductUpgrades


class Ports(msgspec.Struct, frozen=True, eq=False):
    """All that a request reads from and writes to."""

    directory: Directory
    operations: Operations
    batches: Batches
    product_upgrades: ProductUpgrades
    preview_signer: PreviewSigner


def permitted(ports: Ports, customers: frozenset[str] | None) -> Ports:
    """Limit ports to some customers, whose ids are in lower case; None leaves them as they are."""
    if customers is None:
        return ports
    return Ports(
        directory=PermittedDirectory(ports.directory, customers),
        operations=PermittedOperations(ports.operations, customers),
        batches=PermittedBatches(ports.batches, customers),
        product_upgrades=PermittedProductUpgrades(ports.product_upgrades, customers),
        preview_signer=ports.preview_signer,  # what it signs was read through these ports
    )


def permitted_directory(directory: Directory, customers: frozenset[str] | None) -> Directory:
    """Limit a directory alone."""
    return directory if customers is None else PermittedDirectory(directory, customers)
