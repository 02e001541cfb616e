"""Several requests in one JSON array."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.auth.caller import Caller
from gateway.edge.answer import Answer, Refused, refusal_of
from gateway.edge.pipeline import Pipeline
from gateway.edge.request import GraphQLRequest, NotARequest
from schema.problems import BadInput


class Batches:
    """Answers arrays of requests, up to a bound.

    Mutations are left out: an array is no promise that one comes after the other, and what
    bounds a caller's attempts should see each of them.

    Args:
        most: requests in one array; 0 refuses arrays.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    async def answer(
        self, requests: Sequence[GraphQLRequest], caller: Caller, pipeline: Pipeline
    ) -> list[dict[str, Any]]:
        """Answer all of them, in their order. Raises NotARequest for an array that will not do."""
        if self._most == 0:
            raise NotARequest("Arrays of requests are not taken here; send them one by one.")
        if not 0 < len(requests) <= self._most:
            raise NotARequest(
                f"An array of {len(requests)} requests came; between 1 and {self._most} are taken."
            )
        work = (_one(request, caller, pipeline) for request in requests)
        return [answer.content() for answer in await asyncio.gather(*work)]


async def _one(request: GraphQLRequest, caller: Caller, pipeline: Pipeline) -> Answer:
    try:
        admitted = pipeline.admit(request, caller)
    except Refused as refused:
        return refused.answer
    if not admitted.only_reads:
        return refusal_of(BadInput("Only queries are taken in an array; send this alone."))
    if admitted.operation.is_incremental:
        text = (
            "A response to @defer or @stream comes in parts, so not in an array; send this alone."
        )
        return refusal_of(BadInput(text))
    return await pipeline.answer(admitted)
