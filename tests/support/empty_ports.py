"""The ports of a request that neither reads nor writes records of the gateway."""

from resolvers.authorized.ports import RequestPorts
from tests.support.batches import EmptyBatches
from tests.support.operations import EmptyOperations, EmptyProductUpgrades, FakeSigner


def empty_ports() -> RequestPorts:
    """Create ports without operations and batches."""
    return RequestPorts(EmptyOperations(), EmptyBatches(), EmptyProductUpgrades(), FakeSigner())
