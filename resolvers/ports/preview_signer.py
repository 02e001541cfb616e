"""Signatures of preview tokens."""

from typing import Protocol


class PreviewSigner(Protocol):
    """Signs for one principal, with a key that all replicas share."""

    async def sign(self, content: str) -> str:
        """Return the signature: URL-safe text, the same for the same content.

        Raises OperationsUnavailable if the store with the key is not open.
        """
        ...
