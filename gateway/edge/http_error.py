"""What HTTP itself has against a request."""

from collections.abc import Sequence

from gateway.asgi import Header
from schema.errors import RequestError


class HttpError(Exception):
    """A request that gets no further than its HTTP.

    Attributes:
        status: as the GraphQL-over-HTTP draft has it.
        problem: what its sender is told.
        headers: what the status asks for besides, such as `Allow`.
    """

    def __init__(self, status: int, problem: RequestError, headers: Sequence[Header] = ()) -> None:
        super().__init__(str(problem))
        self.status = status
        self.problem = problem
        self.headers = headers
