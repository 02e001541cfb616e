"""How long numbers may be in a document: Python refuses to read very long ones, as a fault."""

from collections.abc import Iterator
from typing import Final

from graphql import FloatValueNode, IntValueNode, ListValueNode, ObjectValueNode, ValueNode

from gateway.limits.flat_document import FlatDocument
from gateway.limits.limit import Limit
from gateway.limits.value_depth import values_in

# The largest finite number has 309 digits before its point.
MAX_NUMBER_LENGTH: Final = 400


def check_number_length(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for a number of too many characters."""
    for outline in (*document.operations, *document.fragments.values()):
        for value in values_in(outline):
            for number in _numbers(value):
                bound.check(len(number), "A number has more digits than any type of the graph.")


def _numbers(value: ValueNode) -> Iterator[str]:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, IntValueNode | FloatValueNode):
            yield node.value
        elif isinstance(node, ListValueNode):
            waiting.extend(node.values)
        elif isinstance(node, ObjectValueNode):
            waiting.extend(member.value for member in node.fields)
