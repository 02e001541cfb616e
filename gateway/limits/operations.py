"""How many operations a document may hold: each is validated, though one alone is run."""

from gateway.limits.flat_document import FlatDocument
from gateway.limits.limit import Limit


def check_operations(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for a document with too many operations."""
    bound.check(len(document.operations), "The document has too many operations; send several.")
