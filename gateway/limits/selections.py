"""How many selections a document may hold, fragments written out.

This is what validation, planning and execution work through, so all operations count together:
every one of them is validated.
"""

from gateway.limits.bound import Bound
from gateway.limits.outline import DocumentOutline, counts


def check_selections(document: DocumentOutline, bound: Bound) -> None:
    """Raise LimitExceeded for a document with too many selections."""
    bound.check(
        sum(selections_of(document)),
        "The document selects too much once its fragments are written out; ask for fewer fields,"
        " or in several documents.",
    )


def selections_of(document: DocumentOutline) -> list[int]:
    """Count fields, inline fragments and spreads of each operation."""
    return counts(document, lambda outline: len(outline.places))
