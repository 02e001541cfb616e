"""Asks a sandbox which ids of its world are worth showing to people."""

import json
from collections.abc import Mapping

from gateway.upstream.transport.base import OutgoingRequest, Transport, TransportError


class SandboxExamples:
    """The examples of one sandbox, asked for until it has answered.

    Args:
        timeout_s: how long an answer may take.
    """

    def __init__(self, transport: Transport, base_url: str, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._url = f"{base_url.rstrip('/')}/_sandbox/examples"
        self._examples: Mapping[str, str] | None = None

    async def __call__(self) -> Mapping[str, str] | None:
        """Return ids by what they are for; None while nobody answers as a sandbox would."""
        if self._examples is None:
            self._examples = await self._fetch()
        return self._examples

    async def _fetch(self) -> Mapping[str, str] | None:
        request = OutgoingRequest("GET", self._url, (), None, self._timeout_s)
        try:
            answer = await self._transport.send(request)
            known = json.loads(answer.body) if answer.is_success else None
        except (TransportError, ValueError):
            return None
        return known if isinstance(known, dict) else None
