"""Signatures of previews."""

from typing import Protocol


class PreviewSigner(Protocol):
    """Signs for one principal, with a key that all replicas share."""

    async def sign(self, content: str) -> str:
        """Return the signature: URL-safe text, the same whenever the same is signed.

        Raises OperationsUnavailable while the store that keeps the key is not open.
        """
        ...
