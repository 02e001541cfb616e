"""Whoever sent a request."""

from dataclasses import dataclass

from gateway.upstream.scope import SecretToken


@dataclass(frozen=True, slots=True)
class Caller:
    """Made once for an HTTP request, or for a WebSocket connection.

    Attributes:
        principal: in whose name it is counted and logged; no secret.
        token: the caller's own token for the upstream, where callers bring theirs.
    """

    principal: str
    token: SecretToken | None = None
