"""Prints the graph with the directives of Federation 2.9."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from resolvers.federation.entities import KEYS

_LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key",'
    ' "@shareable", "@tag", "@requiresScopes", "@cost", "@listSize"])'
)
T = TypeVar("T", ObjectTypeDefinitionNode, FieldDefinitionNode)
# The same in every subgraph that has them.
_SHAREABLE: Final = frozenset({"PageInfo"})


def print_subgraph(sdl: str) -> str:
    """Add the directives of federation to the SDL: `@link`, keys, scopes, costs and list sizes."""
    document: DocumentNode = visit(parse(sdl), _Annotator())
    definitions = (*parse(_LINK).definitions, *document.definitions)
    return print_ast(DocumentNode(definitions=definitions))


class _Annotator(Visitor):
    def leave_object_type_definition(
        self, node: ObjectTypeDefinitionNode, *_: Any
    ) -> ObjectTypeDefinitionNode:
        added = [f'@key(fields: "{key}")' for key in KEYS.get(node.name.value, ())]
        if node.name.value in _SHAREABLE:
            added.append("@shareable")
        return _annotate(node, added)

    def leave_field_definition(self, node: FieldDefinitionNode, *_: Any) -> FieldDefinitionNode:
        own = {each.name.value: _arguments(each) for each in node.directives or ()}
        added: list[str] = []
        if scope := own.get("requiresScope", {}).get("scope"):
            # Contracts can leave out what a router's clients may not use.
            added += [
                f"@requiresScopes(scopes: [[{scope}]])",
                f"@tag(name: {scope.replace(':', '-')})",
            ]
        calls = own.get("upstreamCalls", {})
        if "calls" in calls:
            added.append(f"@cost(weight: {calls['calls']})")
        if any(argument.name.value == "first" for argument in node.arguments or ()):
            added.append(
                '@listSize(slicingArguments: ["first"], sizedFields: ["nodes"],'
                " requireOneSlicingArgument: false)"
            )
        elif "size" in calls and print_ast(node.type).startswith("["):
            added.append(f"@listSize(assumedSize: {calls['size']})")
        return _annotate(node, added)


def _arguments(directive: DirectiveNode) -> dict[str, str]:
    return {each.name.value: print_ast(each.value) for each in directive.arguments or ()}


def _annotate(node: T, added: Sequence[str]) -> T:
    if not added:
        return node
    annotated: Any = parse(f"type A {' '.join(added)}").definitions[0]
    directives = (*(node.directives or ()), *annotated.directives)
    return replace(node, directives=directives)
