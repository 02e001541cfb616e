"""What one request carries through its resolvers."""

from collections.abc import Callable

import msgspec

from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.product_upgrades import ProductUpgrades
from resolvers.request_loaders import RequestLoaders


class RequestContext(msgspec.Struct, frozen=True, eq=False):
    """Fits `schema.context.Context`. Nothing in it outlives the request.

    Attributes:
        correlation_id: told to the vendor with every call and to the client with every error.
        max_page_size: largest `first` of a connection.
        operations: the caller's.
        batches: the caller's.
        preview_signer: the caller's.
        calls_made: counts the upstream calls of the request so far.
        operation_calls_made: counts those of what its mutation ordered, while it waited.
        wall: tells the seconds since the epoch.
        create_directory: makes one whose time starts now, within the same budget of calls.
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
        """Forget what was read, after something has changed: what follows is read anew."""
        self.loaders.reset(self.create_directory())
