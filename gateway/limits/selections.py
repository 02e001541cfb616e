"""How many selections a document may hold, fragments written out.

This is what validation, planning and execution work through, so all operations count together:
every one of them is validated.
"""

from gateway.limits.flat_document import FlatDocument, count_expanded
from gateway.limits.limit import Limit


def check_selections(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for a document with too many selections."""
    bound.check(
        sum(count_selections(document)),
        "The document selects too much once its fragments are written out; ask for fewer fields,"
        " or in several documents.",
    )


def count_selections(document: FlatDocument) -> list[int]:
    """Count fields, inline fragments and spreads of each operation."""
    return count_expanded(document, lambda outline: len(outline.positions))
