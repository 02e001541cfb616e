"""The ports of a request that neither reads nor writes records of the gateway."""

from typing import Any, cast

from gateway.families.previews import FamilyPreviews
from gateway.families.registry import build_families
from resolvers.authorized.ports import RequestPorts
from tests.support.batches import EmptyBatches
from tests.support.operations import EmptyOperations, EmptyProductUpgrades, FakeSigner


def empty_ports() -> RequestPorts:
    """Create ports without operations and batches."""
    return RequestPorts(
        EmptyOperations(),
        EmptyBatches(),
        EmptyProductUpgrades(),
        FamilyPreviews(build_families(cast("Any", None))),
        FakeSigner(),
    )
