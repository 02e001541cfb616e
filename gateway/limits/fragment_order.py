"""A fragment may not spread itself: such a document has no end.

GraphQL's own rule says the same, in validation; the other limits run before that and need to know
in which order to count. Source: https://spec.graphql.org/draft/#sec-Fragment-Spreads-Must-Not-Form-Cycles
"""

from collections.abc import Iterator, Mapping, Sequence

from graphql import FragmentSpreadNode, GraphQLError

from schema.quoting import quote


def sort_by_dependency(uses: Mapping[str, Sequence[FragmentSpreadNode]]) -> list[str]:
    """Sort fragments so that each comes after those it spreads. Raises GraphQLError for a cycle.

    Without recursion, because documents decide how long a chain of fragments is.

    Args:
        uses: the spreads in each fragment; those of fragments that do not exist are passed over.
    """
    done: dict[str, None] = {}
    for name in uses:
        if name not in done:
            _finish(name, uses, done)
    return list(done)


def _finish(
    name: str, uses: Mapping[str, Sequence[FragmentSpreadNode]], done: dict[str, None]
) -> None:
    """Finish a fragment and all below it, deepest first."""
    path: dict[str, Iterator[FragmentSpreadNode]] = {name: iter(uses[name])}
    while path:
        current = next(reversed(path))
        for spread in path[current]:
            used = spread.name.value
            if used in path:
                raise GraphQLError(f"Cannot spread fragment {quote(used)} within itself.", spread)
            if used in uses and used not in done:
                path[used] = iter(uses[used])
                break
        else:
            path.pop(current)
            done[current] = None
