"""The rules for documents, in order. They run before validation, on every new document."""

from dataclasses import dataclass
from typing import Self

from graphql import DocumentNode

from gateway.limits.aliases import check_aliases
from gateway.limits.characters import check_characters
from gateway.limits.depth import check_depth
from gateway.limits.directives import check_directives
from gateway.limits.flat_document import flatten
from gateway.limits.limit import Limit
from gateway.limits.number_length import MAX_NUMBER_LENGTH, check_number_length
from gateway.limits.operations import check_operations
from gateway.limits.root_fields import check_root_fields
from gateway.limits.selections import check_selections
from gateway.limits.tokens import parse_limited
from gateway.limits.value_depth import check_value_depth
from gateway.settings import LimitNumbers


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The bounds of a document. Nothing is remembered of one that is refused."""

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
        """Take the bounds from the numbers; refusals tell them if they may."""
        return cls(
            characters=Limit("characters", numbers.max_characters, reveal_values),
            tokens=Limit("tokens", numbers.max_tokens, reveal_values),
            depth=Limit("depth", numbers.max_depth, reveal_values),
            introspection_depth=Limit(
                "introspection_depth", numbers.max_introspection_depth, reveal_values
            ),
            value_depth=Limit("value_depth", numbers.max_value_depth, reveal_values),
            operations=Limit("operations", numbers.max_operations, reveal_values),
            selections=Limit("selections", numbers.max_selections, reveal_values),
            aliases=Limit("aliases", numbers.max_aliases, reveal_values),
            root_fields=Limit("root_fields", numbers.max_root_fields, reveal_values),
            directives=Limit("directives", numbers.max_directives, reveal_values),
            number_length=Limit("number_length", MAX_NUMBER_LENGTH, reveal_values),
        )

    def parse(self, text: str) -> DocumentNode:
        """Parse a document that keeps the bounds.

        Raises GraphQLError for what is no document, LimitExceeded for one beyond a bound.
        """
        check_characters(text, self.characters)
        document = parse_limited(text, self.tokens, self.depth)
        outline = flatten(document)
        check_operations(outline, self.operations)
        check_selections(outline, self.selections)
        check_depth(outline, self.depth, self.introspection_depth)
        check_root_fields(outline, self.root_fields)
        check_aliases(outline, self.aliases)
        check_directives(outline, self.directives)
        check_value_depth(outline, self.value_depth)
        check_number_length(outline, self.number_length)
        return document
