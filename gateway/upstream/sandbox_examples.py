"""Reads the ids of a sandbox's data that are worth showing to people."""

import json
from collections.abc import Mapping

from gateway.upstream.transport.base import OutgoingRequest, Transport, TransportError


class SandboxExamples:
    """Reads the ids of example data from one sandbox, and caches them."""

    def __init__(self, transport: Transport, base_url: str, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._url = f"{base_url.rstrip('/')}/_sandbox/examples"
        self._examples: Mapping[str, str] | None = None

    async def __call__(self) -> Mapping[str, str] | None:
        """Return ids by their purpose; None if the upstream is not a sandbox."""
        if self._examples is None:
            self._examples = await self._fetch()
        return self._examples

    async def _fetch(self) -> Mapping[str, str] | None:
        request = OutgoingRequest("GET", self._url, (), None, self._timeout_s)
        try:
            response = await self._transport.send(request)
            examples = json.loads(response.body) if response.is_success else None
        except (TransportError, ValueError):
            return None
        return examples if isinstance(examples, dict) else None
