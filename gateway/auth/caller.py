"""Whoever sent a request."""

from dataclasses import dataclass, field

from gateway.credentials import SecretToken
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Made once for an HTTP request, or for a WebSocket connection; equal if it may do the same.

    Attributes:
        principal: in whose name it is counted and logged, and whose operations it sees; no secret.
        scopes: what it may do; nothing unless somebody said so.
        customers: ids in lower case of those it may see; None for all.
        token: the caller's own token for the upstream, where callers bring theirs.
        expires_at: until when its credential is good, in seconds since the epoch: without end for
            a key, None for whom nobody asked for one.
    """

    principal: str
    scopes: frozenset[Scope] = frozenset()
    customers: frozenset[str] | None = frozenset()
    token: SecretToken | None = field(default=None, compare=False)
    expires_at: float | None = field(default=None, compare=False)
