"""The limits for the depth of fields, as if fragments were written out.

Introspection is deep by its nature (types, their fields, the types of those ...) and costs no
upstream call, so it has its own limit, counted from `__schema` or `__type`.
"""

from typing import NamedTuple

from gateway.limits.flat_document import FlatDefinition, FlatDocument, spread_name
from gateway.limits.limit import Limit


class Depths(NamedTuple):
    """The depths of one definition.

    Attributes:
        fields: the depth of the deepest field outside introspection.
        introspection: the depth of the deepest field inside introspection.
        total: the depth of the deepest field of all, which counts for a fragment that is spread
            inside introspection.
    """

    fields: int = 0
    introspection: int = 0
    total: int = 0


def check_depth(document: FlatDocument, fields: Limit, introspection: Limit) -> None:
    """Raise LimitExceeded for an operation that exceeds either limit."""
    for depths in measure_depths(document):
        fields.check(
            depths.fields,
            "The document nests fields too deeply. Select the inner objects in a second request.",
        )
        introspection.check(
            depths.introspection,
            "The document nests introspection fields too deeply. Send a shallower query.",
        )


def measure_depths(document: FlatDocument) -> list[Depths]:
    """Measure the depths of each operation. Visits each fragment only once."""
    of_fragments: dict[str, Depths] = {}
    for name, fragment in document.fragments.items():
        of_fragments[name] = _measure(fragment, of_fragments)
    return [_measure(operation, of_fragments) for operation in document.operations]


def _measure(definition: FlatDefinition, of_fragments: dict[str, Depths]) -> Depths:
    fields = introspection = total = 0
    for position in definition.positions:
        total = max(total, position.depth)
        introspection = max(introspection, position.introspection_depth)
        if not position.introspection_depth:
            fields = max(fields, position.depth)
    for position in definition.spreads:
        spread = of_fragments.get(spread_name(position), Depths())
        total = max(total, position.depth + spread.total)
        if position.introspection_depth:
            introspection = max(introspection, position.introspection_depth + spread.total)
        else:
            fields = max(fields, position.depth + spread.fields)
            introspection = max(introspection, spread.introspection)
    return Depths(fields, introspection, total)
