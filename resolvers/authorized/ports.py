"""The ports as a caller may use them: every path to a row leads through one of these."""

import msgspec

from resolvers.authorized.batches import AuthorizedBatches
from resolvers.authorized.directory import AuthorizedDirectory
from resolvers.authorized.operations import AuthorizedOperations
from resolvers.authorized.product_upgrades import AuthorizedProductUpgrades
from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.product_upgrades import ProductUpgrades


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
