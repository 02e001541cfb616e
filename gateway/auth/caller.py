from dataclasses import dataclass, field

from gateway.credentials import SecretToken
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated sender of an HTTP request or owner of a WebSocket connection.

    Two callers are equal if they have the same identity and permissions.

    Attributes:
        principal: identifies the caller in limits, logs and operations; not a secret.
        customers: lower-case ids of the customers that the caller may see; None for all.
        token: the caller's own token for Partner Center, if tokens are passed through.
        expires_at: when the credential expires, in seconds since the epoch; infinity for an API
            key; None if no credential was required.
    """

    principal: str
    scopes: frozenset[Scope] = frozenset()
    customers: frozenset[str] | None = frozenset()
    token: SecretToken | None = field(default=None, compare=False)
    expires_at: float | None = field(default=None, compare=False)
