"""The context of one request."""

from collections.abc import Callable

import msgspec

from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.product_upgrades import ProductUpgrades
from resolvers.request_loaders import RequestLoaders


class RequestContext(msgspec.Struct, frozen=True, eq=False):
    """Implements `schema.context.Context`. Nothing in it outlives the request.

    Attributes:
        correlation_id: sent to Partner Center with every call, and to the client with every error.
        max_page_size: the maximum `first` of a connection.
        calls_made: returns the number of upstream calls of the request so far.
        operation_calls_made: returns the number of upstream calls that the request's operation made
            while the request waited for it.
        wall_clock: returns the seconds since the epoch.
        create_directory: builds a directory with a new deadline and the same call budget.
    """

    directory: Directory
    loaders: RequestLoaders
    correlation_id: str
    max_page_size: int
    operations: Operations
    batches: Batches
    product_upgrades: ProductUpgrades
    preview_signer: PreviewSigner
    create_directory: Callable[[], Directory]
    calls_made: Callable[[], int]
    wall_clock: Callable[[], float]
    preview_ttl_s: float
    operation_calls_made: Callable[[], int] = lambda: 0

    def reset_reads(self) -> None:
        """Forget what was read, because a write may have changed it."""
        self.loaders.reset(self.create_directory())
