"""Bearer tokens, and the identities derived from them."""

import hashlib
from typing import Final

from gateway.settings.principals import token_principal

_DIGEST_BYTES: Final = 16
_MAX_KEY_BYTES: Final = 64  # of BLAKE2b


class SecretToken:
    """A bearer token that masks itself in every text form."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the token, for the Authorization header and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "SecretToken(**********)"


def hash_caller_identity(token: SecretToken, key: bytes) -> str:
    """Identify a passthrough caller within this process by a keyed digest of its token."""
    digest = hashlib.blake2b(
        token.reveal().encode(), key=key[:_MAX_KEY_BYTES], digest_size=_DIGEST_BYTES
    )
    return f"caller-{digest.hexdigest()}"


def passthrough_principal(token: SecretToken) -> str:
    """Return the principal of a passthrough caller: a digest of its token.

    The digest has no key, because other processes must derive the same principal. The token is too
    long to be guessed from it.
    """
    digest = hashlib.blake2b(token.reveal().encode(), digest_size=_DIGEST_BYTES)
    return token_principal(digest.hexdigest())
