"""What is told of a document that is named, or that has to be."""

from typing import Final

from schema.errors import RequestError

# The messages are what Apollo Client and urql look for before they send the whole text.
_NOT_FOUND: Final = "PersistedQueryNotFound"
_NOT_SUPPORTED: Final = "PersistedQueryNotSupported"


class PersistedQueryNotFound(RequestError):
    """No document is known by this name; a client that has its text sends it along."""

    def __init__(self, message: str = _NOT_FOUND) -> None:
        super().__init__(message)


class PersistedQueryNotSupported(RequestError):
    """Documents are not remembered here; a client sends the whole text each time."""

    def __init__(self, message: str = _NOT_SUPPORTED) -> None:
        super().__init__(message)


class PersistedQueryRequired(RequestError):
    """Only registered documents may do what this one does."""
