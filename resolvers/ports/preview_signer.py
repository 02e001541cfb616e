"""Signatures of preview tokens."""

from typing import Protocol


class PreviewSigner(Protocol):
    """Signs preview tokens for one principal, with a key that all replicas share."""

    async def sign(self, content: str) -> str:
        """Return the signature of a text. It is URL-safe, and always the same for the same text.

        Raises OperationsUnavailable if the store with the key is not open.
        """
        ...
