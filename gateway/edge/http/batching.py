"""Several GraphQL requests in one JSON array."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from gateway.auth.caller import Caller
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.request import GraphQLRequest, NotAGraphQLRequest
from gateway.edge.response import GraphQLResponse, RequestRejected, error_response
from schema.errors import InvalidInput

_DISABLED: Final = "This gateway does not accept arrays of requests. Send each request alone."
_QUERIES_ONLY: Final = "An array may contain only queries. Send this request alone."
_NO_INCREMENTAL: Final = "An array may not contain @defer or @stream. Send this request alone."


class BatchRequestHandler:
    """Executes arrays of queries concurrently.

    Mutations are rejected: an array promises no order, and the limit on mutations counts requests.

    Args:
        max_requests: the largest allowed array; 0 rejects arrays.
    """

    def __init__(self, max_requests: int) -> None:
        self._max_requests = max_requests

    async def execute(
        self, requests: Sequence[GraphQLRequest], caller: Caller, pipeline: RequestPipeline
    ) -> list[dict[str, Any]]:
        """Return one response for each request, in order.

        Raises NotAGraphQLRequest if the array is empty, too long, or if arrays are not accepted.
        """
        if self._max_requests == 0:
            raise NotAGraphQLRequest(_DISABLED)
        if not 0 < len(requests) <= self._max_requests:
            raise NotAGraphQLRequest(
                f"The array has {len(requests)} requests. Send 1 to {self._max_requests}."
            )
        work = (_execute_one(request, caller, pipeline) for request in requests)
        return [response.to_dict() for response in await asyncio.gather(*work)]


async def _execute_one(
    request: GraphQLRequest, caller: Caller, pipeline: RequestPipeline
) -> GraphQLResponse:
    try:
        accepted = pipeline.accept(request, caller)
    except RequestRejected as rejected:
        return rejected.response
    if not accepted.is_query:
        return error_response(InvalidInput(_QUERIES_ONLY))
    if accepted.operation.is_incremental:
        return error_response(InvalidInput(_NO_INCREMENTAL))
    return await pipeline.execute(accepted)
