"""Several requests in one JSON array."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.auth.caller import Caller
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.request import GraphQLRequest, NotAGraphQLRequest
from gateway.edge.response import GraphQLResponse, RequestRejected, error_response
from schema.errors import InvalidInput


class BatchRequestHandler:
    """Answers arrays of requests, up to a bound.

    Mutations are left out: an array is no promise that one comes after the other, and what
    bounds a caller's attempts should see each of them.

    Args:
        most: requests in one array; 0 refuses arrays.
    """

    def __init__(self, max_requests: int) -> None:
        self._max_requests = max_requests

    async def execute(
        self, requests: Sequence[GraphQLRequest], caller: Caller, pipeline: RequestPipeline
    ) -> list[dict[str, Any]]:
        """Answer all of them, in their order. Raises NotARequest for an array that will not do."""
        if self._max_requests == 0:
            raise NotAGraphQLRequest("Arrays of requests are not taken here; send them one by one.")
        if not 0 < len(requests) <= self._max_requests:
            raise NotAGraphQLRequest(
                f"The array has {len(requests)} requests; send 1 to {self._max_requests}."
            )
        work = (_execute_one(request, caller, pipeline) for request in requests)
        return [response.to_dict() for response in await asyncio.gather(*work)]


async def _execute_one(
    request: GraphQLRequest, caller: Caller, pipeline: RequestPipeline
) -> GraphQLResponse:
    try:
        accepted = pipeline.accept(request, caller)
    except RequestRejected as refused:
        return refused.response
    if not accepted.is_query:
        return error_response(InvalidInput("Only queries are taken in an array; send this alone."))
    if accepted.operation.is_incremental:
        text = (
            "A response to @defer or @stream comes in parts, so not in an array; send this alone."
        )
        return error_response(InvalidInput(text))
    return await pipeline.execute(accepted)
