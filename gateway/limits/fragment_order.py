"""Orders fragments by their dependencies, and rejects fragments that spread themselves.

A rule of GraphQL's validation rejects them too, but the limits are applied before validation and
must count in this order.
Source: https://spec.graphql.org/draft/#sec-Fragment-Spreads-Must-Not-Form-Cycles
"""

from collections.abc import Iterator, Mapping, Sequence

from graphql import FragmentSpreadNode, GraphQLError

from schema.quoting import quote


def sort_by_dependency(spreads: Mapping[str, Sequence[FragmentSpreadNode]]) -> list[str]:
    """Return the names of fragments, each after the fragments that it spreads.

    Raises GraphQLError for a cycle. Is not recursive, because a document can chain its fragments
    deeply.

    Args:
        spreads: the spreads of each fragment, by its name. Spreads of fragments that do not exist
            are ignored.
    """
    sorted_names: dict[str, None] = {}
    for name in spreads:
        if name not in sorted_names:
            _append_with_dependencies(name, spreads, sorted_names)
    return list(sorted_names)


def _append_with_dependencies(
    name: str,
    spreads: Mapping[str, Sequence[FragmentSpreadNode]],
    sorted_names: dict[str, None],
) -> None:
    path: dict[str, Iterator[FragmentSpreadNode]] = {name: iter(spreads[name])}
    while path:
        current = next(reversed(path))
        for spread in path[current]:
            dependency = spread.name.value
            if dependency in path:
                message = f"Cannot spread fragment {quote(dependency)} within itself."
                raise GraphQLError(message, spread)
            if dependency in spreads and dependency not in sorted_names:
                path[dependency] = iter(spreads[dependency])
                break
        else:
            path.pop(current)
            sorted_names[current] = None
