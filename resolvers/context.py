"""What one request carries through its resolvers."""

from dataclasses import dataclass

from resolvers.loaders import RequestLoaders
from resolvers.ports import Directory


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Fits `schema.context.Context`. Nothing in it outlives the request.

    Attributes:
        correlation_id: told to the vendor with every call and to the client with every error.
        max_page_size: largest `first` of a connection.
    """

    directory: Directory
    loaders: RequestLoaders
    correlation_id: str
    max_page_size: int
