"""How many operations a document may hold: each is validated, though one alone is run."""

from gateway.limits.bound import Bound
from gateway.limits.outline import DocumentOutline


def check_operations(document: DocumentOutline, bound: Bound) -> None:
    """Raise LimitExceeded for a document with too many operations."""
    bound.check(len(document.operations), "The document has too many operations; send several.")
