"""Normalizes documents, so that the same document in another layout has the same text."""

from typing import Any

from graphql import (
    REMOVE,
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    Visitor,
    print_ast,
    visit,
)
from graphql.language import VisitorAction


def normalize(document: DocumentNode) -> str:
    """Print a document with its definitions sorted, without comments and plain `__typename` fields.

    urql and Apollo Client add `__typename` to every selection before they send it. The field costs
    nothing and reveals nothing that the schema does not.
    """
    plain: DocumentNode = visit(document, _WithoutTypenames())
    return "\n".join(print_ast(each) for each in sorted(plain.definitions, key=_sort_key))


def _sort_key(definition: DefinitionNode) -> tuple[str, str]:
    is_named = isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    name = getattr(definition, "name", None) if is_named else None
    return definition.kind, name.value if name else ""


class _WithoutTypenames(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        is_plain = node.alias is None and not node.directives
        return REMOVE if is_plain and node.name.value == "__typename" else None
