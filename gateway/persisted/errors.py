from typing import Final

from schema.errors import RequestError

# Apollo Client and urql look for exactly these messages before they send the whole text.
_NOT_FOUND: Final = "PersistedQueryNotFound"
_NOT_SUPPORTED: Final = "PersistedQueryNotSupported"


class PersistedQueryNotFound(RequestError):
    """The hash is unknown. The client should repeat the request with the text."""

    def __init__(self, message: str = _NOT_FOUND) -> None:
        super().__init__(message)


class PersistedQueryNotSupported(RequestError):
    """Automatic persisted queries are off. The client should always send the text."""

    def __init__(self, message: str = _NOT_SUPPORTED) -> None:
        super().__init__(message)


class PersistedQueryRequired(RequestError):
    """The document is not registered, but the policy requires it."""
