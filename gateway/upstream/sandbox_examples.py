"""Asks a sandbox which ids of its world are worth showing to people."""

import json
from collections.abc import Mapping

from gateway.upstream.transport import OutgoingRequest, Transport, TransportFailure


class SandboxExamples:
    """The examples of one sandbox, asked for until it has answered.

    Args:
        within_s: how long an answer may take.
    """

    def __init__(self, transport: Transport, base_url: str, within_s: float) -> None:
        self._transport = transport
        self._within_s = within_s
        self._url = f"{base_url.rstrip('/')}/_sandbox/examples"
        self._known: Mapping[str, str] | None = None

    async def __call__(self) -> Mapping[str, str] | None:
        """Return ids by what they are for; None while nobody answers as a sandbox would."""
        if self._known is None:
            self._known = await self._ask()
        return self._known

    async def _ask(self) -> Mapping[str, str] | None:
        request = OutgoingRequest("GET", self._url, (), None, self._within_s)
        try:
            answer = await self._transport.send(request)
            known = json.loads(answer.body) if answer.is_success else None
        except (TransportFailure, ValueError):
            return None
        return known if isinstance(known, dict) else None
