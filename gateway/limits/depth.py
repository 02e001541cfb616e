"""How deep fields may stand in fields, fragments written out.

Introspection is deep by nature (a type's fields, their arguments, the types of those …) and costs
no upstream call: it has a bound of its own, counted from `__schema` or `__type`.
"""

from typing import NamedTuple

from gateway.limits.flat_document import FlatDefinition, FlatDocument, spread_name
from gateway.limits.limit import Limit


class Depths(NamedTuple):
    """The deepest field outside introspection, the deepest inside, and the deepest of all.

    The last is what a fragment adds where it is spread inside introspection.
    """

    fields: int = 0
    introspection: int = 0
    total: int = 0


def check_depth(document: FlatDocument, fields: Limit, introspection: Limit) -> None:
    """Raise LimitExceeded for an operation that is deeper than either bound."""
    for depths in measure_depths(document):
        fields.check(depths.fields, "The document nests its fields too deeply; ask in two steps.")
        introspection.check(
            depths.introspection, "The document nests its introspection too deeply."
        )


def measure_depths(document: FlatDocument) -> list[Depths]:
    """Measure each operation, each fragment once."""
    of_fragment: dict[str, Depths] = {}
    for name, fragment in document.fragments.items():
        of_fragment[name] = _depths(fragment, of_fragment)
    return [_depths(operation, of_fragment) for operation in document.operations]


def _depths(outline: FlatDefinition, of_fragment: dict[str, Depths]) -> Depths:
    fields = introspection = total = 0
    for place in outline.positions:
        total = max(total, place.depth)
        introspection = max(introspection, place.introspection_depth)
        if not place.introspection_depth:
            fields = max(fields, place.depth)
    for place in outline.spreads:
        below = of_fragment.get(spread_name(place), Depths())
        total = max(total, place.depth + below.total)
        if place.introspection_depth:
            introspection = max(introspection, place.introspection_depth + below.total)
        else:
            fields = max(fields, place.depth + below.fields)
            introspection = max(introspection, below.introspection)
    return Depths(fields, introspection, total)
