"""The context of one request."""

from collections.abc import Callable

import msgspec

from resolvers.authorized.ports import RequestPorts
from resolvers.ports.batches import Batches
from resolvers.ports.directory import Directory
from resolvers.ports.operations import Operations
from resolvers.ports.preview_signer import PreviewSigner
from resolvers.ports.previews import Previews
from resolvers.ports.product_upgrades import ProductUpgrades
from resolvers.request_loaders import RequestLoaders


class RequestContext(msgspec.Struct, frozen=True, eq=False):
    """The context of one request. Implements `schema.context.Context`.

    Attributes:
        directory: reads from Partner Center.
        ports: returns the ports for operations, batches and previews, which are created at the
            first call, because most requests only read.
        correlation_id: sent to Partner Center with every call, and to the client with every error.
        max_page_size: the maximum `first` of a connection.
        calls_made: returns the number of upstream calls of the request so far.
        operation_calls_made: returns the number of upstream calls of the operation that the request
            has waited for.
        wall_clock: returns the seconds since the epoch.
        create_directory: creates a directory with a new deadline and the same call budget.
    """

    directory: Directory
    loaders: RequestLoaders
    ports: Callable[[], RequestPorts]
    correlation_id: str
    max_page_size: int
    create_directory: Callable[[], Directory]
    calls_made: Callable[[], int]
    wall_clock: Callable[[], float]
    preview_ttl_s: float
    operation_calls_made: Callable[[], int] = lambda: 0

    @property
    def operations(self) -> Operations:
        return self.ports().operations

    @property
    def batches(self) -> Batches:
        return self.ports().batches

    @property
    def product_upgrades(self) -> ProductUpgrades:
        return self.ports().product_upgrades

    @property
    def previews(self) -> Previews:
        return self.ports().previews

    @property
    def preview_signer(self) -> PreviewSigner:
        return self.ports().preview_signer

    def reset_reads(self) -> None:
        """Forget everything that was read, because a write may have changed it."""
        self.loaders.reset(self.create_directory())
