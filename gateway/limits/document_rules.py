"""The limits for documents. They are applied before validation, to every new document."""

from dataclasses import dataclass
from typing import Final, Self

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)

from gateway.limits.depth import check_depth
from gateway.limits.document_values import (
    MAX_NUMBER_LENGTH,
    check_number_length,
    check_value_depth,
)
from gateway.limits.flat_document import (
    FlatDefinition,
    FlatDocument,
    SelectionPosition,
    count_expanded,
    flatten,
)
from gateway.limits.limit import Limit
from gateway.settings import LimitNumbers

# graphql-core has no error class for its own limits, only these messages.
_TOO_MANY_TOKENS: Final = "Document contains more than"
_TOO_DEEP: Final = "Document is nested too deeply"


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The limits for one document.

    Attributes:
        depth: the depth of fields, except below `__schema` and `__type`.
        introspection_depth: the depth of fields below `__schema` and `__type`.
        value_depth: the depth of lists and objects inside each other.
        selections: the number of selections in all operations together, because all are validated.
        aliases, root_fields, directives: the number of each in one operation.
        number_length: characters of a number.
    """

    characters: Limit
    tokens: Limit
    depth: Limit
    introspection_depth: Limit
    value_depth: Limit
    operations: Limit
    selections: Limit
    aliases: Limit
    root_fields: Limit
    directives: Limit
    number_length: Limit

    @classmethod
    def from_settings(cls, numbers: LimitNumbers, *, reveal_values: bool) -> Self:
        maximums = {
            "characters": numbers.max_characters,
            "tokens": numbers.max_tokens,
            "depth": numbers.max_depth,
            "introspection_depth": numbers.max_introspection_depth,
            "value_depth": numbers.max_value_depth,
            "operations": numbers.max_operations,
            "selections": numbers.max_selections,
            "aliases": numbers.max_aliases,
            "root_fields": numbers.max_root_fields,
            "directives": numbers.max_directives,
            "number_length": MAX_NUMBER_LENGTH,
        }
        return cls(**{r: Limit(r, maximum, reveal_values) for r, maximum in maximums.items()})

    def parse(self, text: str) -> DocumentNode:
        """Parse a document and apply all limits.

        Raises GraphQLError if the text is not a document, LimitExceeded if it exceeds a limit.
        """
        # One long token takes time too, so characters are limited before parsing.
        self.characters.check(
            len(text), "The document has too many characters. Send long values as variables."
        )
        document = parse_limited(text, self.tokens, self.depth)
        flat = flatten(document)
        self.operations.check(
            len(flat.operations),
            "The document has too many operations. Split it into several documents.",
        )
        self.selections.check(
            sum(count_selections(flat)),
            "The document has too many selections, counting each use of a fragment."
            " Select fewer fields, or split the document.",
        )
        check_depth(flat, self.depth, self.introspection_depth)
        split = "Split it into several operations."
        for count in count_root_fields(flat):
            self.root_fields.check(count, f"The operation has too many root fields. {split}")
        for count in count_aliases(flat):
            self.aliases.check(count, f"The operation has too many aliases. {split}")
        for count in count_directives(flat):
            self.directives.check(count, f"The operation has too many directives. {split}")
        check_value_depth(flat, self.value_depth)
        check_number_length(flat, self.number_length)
        return document


def parse_limited(text: str, tokens: Limit, depth: Limit) -> DocumentNode:
    """Parse a document.

    Raises LimitExceeded if it has too many tokens, or nests more than 200 braces or brackets, where
    the parser stops. Raises GraphQLSyntaxError for other errors.
    """
    try:
        return parse(text, max_tokens=tokens.maximum)
    except GraphQLSyntaxError as error:
        if _TOO_MANY_TOKENS in error.message:
            raise tokens.exceeded(
                "The document has too many tokens. Split it into several documents."
            ) from error
        if _TOO_DEEP in error.message:
            raise depth.exceeded(
                "The document is nested too deeply. Split it into several documents."
            ) from error
        raise


def count_selections(document: FlatDocument) -> list[int]:
    """Count the fields, inline fragments and fragment spreads of each operation."""
    return count_expanded(document, lambda definition: len(definition.positions))


def count_aliases(document: FlatDocument) -> list[int]:
    """Count the aliases of each operation. Each alias resolves its field once more."""
    return count_expanded(document, _own_aliases)


def _own_aliases(definition: FlatDefinition) -> int:
    nodes = [position.node for position in definition.positions]
    return sum(isinstance(node, FieldNode) and node.alias is not None for node in nodes)


def count_root_fields(document: FlatDocument) -> list[int]:
    """Count the root fields of each operation, without merging equal ones."""
    return count_expanded(document, _own_root_fields, _root_spreads)


def _own_root_fields(definition: FlatDefinition) -> int:
    return sum(isinstance(p.node, FieldNode) for p in definition.positions if p.is_root)


def _root_spreads(definition: FlatDefinition) -> list[SelectionPosition]:
    return [position for position in definition.spreads if position.is_root]


def count_directives(document: FlatDocument) -> list[int]:
    """Count the directives of each operation: on itself, its variables and its selections."""
    return count_expanded(document, _own_directives)


def _own_directives(flat: FlatDefinition) -> int:
    definition = flat.definition
    count = len(definition.directives or ())
    count += sum(len(position.node.directives or ()) for position in flat.positions)
    if isinstance(definition, OperationDefinitionNode):
        count += sum(len(v.directives or ()) for v in definition.variable_definitions or ())
    return count
