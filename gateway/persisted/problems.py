"""What is told of a document that is named, or that has to be."""

from typing import Final

# The messages are what Apollo Client and urql look for before they send the whole text.
_NOT_FOUND: Final = "PersistedQueryNotFound"
_NOT_SUPPORTED: Final = "PersistedQueryNotSupported"


class PersistedQueryNotFound(Exception):
    """No document is known by this name; a client that has its text sends it along."""

    def __init__(self) -> None:
        super().__init__(_NOT_FOUND)


class PersistedQueryNotSupported(Exception):
    """Documents are not remembered here; a client sends the whole text each time."""

    def __init__(self) -> None:
        super().__init__(_NOT_SUPPORTED)


class PersistedQueryRequired(Exception):
    """Only registered documents may do what this one does."""
