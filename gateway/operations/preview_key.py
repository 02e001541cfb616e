"""The key that signs preview tokens: one for all processes, in their store.

If an operator deletes it, every process loads a new one when it next renews its lease. Tokens that
the old key signed are rejected from then on.
"""

import base64
import hmac
import secrets
from typing import Final

import msgspec

from gateway.operations.store.base import OperationStore
from gateway.operations.store.health import StoreHealth

_KEY_BYTES: Final = 32


class PreviewKey:
    """The key that signs preview tokens, cached from the store."""

    def __init__(self, store: OperationStore, health: StoreHealth) -> None:
        self._store = store
        self._health = health
        self._key: bytes | None = None

    async def load(self) -> None:
        """Read the key from the store, or create it there. Raises StoreUnavailable."""
        self._key = await self._store.preview_key(secrets.token_bytes(_KEY_BYTES))

    async def sign(self, principal: str, content: str) -> str:
        """Return the HMAC-SHA256 of a principal and URL-safe content, as URL-safe Base64.

        Once the key is loaded, this works without the store. Before, raises OperationsUnavailable.
        """
        if self._key is None:
            await self._health.require_not_closed()
        assert self._key is not None  # noqa: S101 - it is loaded before the store is open
        # Content has no NUL, so the message is unique for a principal and a content.
        message = f"previewToken\0{principal}\0{content}".encode()
        signature = hmac.digest(self._key, message, "sha256")
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")


class PrincipalPreviewSigner(msgspec.Struct, frozen=True, eq=False):
    """Signs preview tokens for one principal. Implements the port `PreviewSigner`."""

    key: PreviewKey
    principal: str

    async def sign(self, content: str) -> str:
        return await self.key.sign(self.principal, content)
