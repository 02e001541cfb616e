"""Generates documents that select every field of the graph."""

from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

Arguments = Mapping[str, str]


class ExhaustiveQueries:
    """Generates selections of every reachable field.

    From one root field, each link is followed once; where it occurs again, only its leaf fields
    are selected.

    Args:
        graph: whose paths.
        arguments: what a field that needs arguments is asked with, by `Type.field`.

    Attributes:
        followed: every link that was entered, as `Type.field`.
    """

    def __init__(self, graph: GraphQLSchema, arguments: Arguments) -> None:
        self._graph = graph
        self._arguments = arguments
        self.links: set[str] = set()

    def select_below(self, field: GraphQLField) -> str:
        """Return the selections behind a root field, with their braces."""
        return self._select_below(field.type, set())

    def select_on(self, name: str) -> str:
        """Return a fragment on a type, for a root field that answers with several."""
        return f"{{ ... on {name} {self._select_below(self._graph.type_map[name], set())} }}"

    def _select_below(self, output: GraphQLNamedType | GraphQLOutputType, entered: set[str]) -> str:
        named = get_named_type(output)
        assert isinstance(named, GraphQLObjectType), f"{named} has paths of no known kind"
        return "{ __typename " + " ".join(self._selections(named, entered)) + " }"

    def _selections(self, type: GraphQLObjectType, entered: set[str]) -> Iterator[str]:
        for name, field in type.fields.items():
            where = f"{type.name}.{name}"
            given = self._format_arguments(where, field)
            if is_leaf_type(get_named_type(field.type)):
                yield name
            elif where not in entered:
                entered.add(where)
                yield f"{name}{given} {self._select_below(field.type, entered)}"
        self.links |= entered

    def _format_arguments(self, where: str, field: GraphQLField) -> str:
        given = self._arguments.get(where)
        needed = [name for name, each in field.args.items() if is_required_argument(each)]
        assert given or not needed, f"say what {where} is asked with: it needs {needed}"
        return given or ""
