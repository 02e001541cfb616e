"""The rules for documents, in order. They run before validation, on every new document."""

from dataclasses import dataclass
from typing import Self

from graphql import DocumentNode

from gateway.limits.aliases import check_aliases
from gateway.limits.bound import Bound
from gateway.limits.characters import check_characters
from gateway.limits.depth import check_depth
from gateway.limits.directives import check_directives
from gateway.limits.literals import check_literals
from gateway.limits.numbers import LONGEST, check_numbers
from gateway.limits.operations import check_operations
from gateway.limits.outline import outline_of
from gateway.limits.root_fields import check_root_fields
from gateway.limits.selections import check_selections
from gateway.limits.tokens import parse_within
from gateway.settings import LimitNumbers


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The bounds of a document. Nothing is remembered of one that is refused."""

    characters: Bound
    tokens: Bound
    depth: Bound
    introspection_depth: Bound
    value_depth: Bound
    operations: Bound
    selections: Bound
    aliases: Bound
    root_fields: Bound
    directives: Bound
    number_length: Bound

    @classmethod
    def of(cls, numbers: LimitNumbers, *, are_told: bool) -> Self:
        """Take the bounds from the numbers; refusals tell them if they may."""
        return cls(
            characters=Bound("characters", numbers.max_characters, are_told),
            tokens=Bound("tokens", numbers.max_tokens, are_told),
            depth=Bound("depth", numbers.max_depth, are_told),
            introspection_depth=Bound(
                "introspection_depth", numbers.max_introspection_depth, are_told
            ),
            value_depth=Bound("value_depth", numbers.max_value_depth, are_told),
            operations=Bound("operations", numbers.max_operations, are_told),
            selections=Bound("selections", numbers.max_selections, are_told),
            aliases=Bound("aliases", numbers.max_aliases, are_told),
            root_fields=Bound("root_fields", numbers.max_root_fields, are_told),
            directives=Bound("directives", numbers.max_directives, are_told),
            number_length=Bound("number_length", LONGEST, are_told),
        )

    def parse(self, text: str) -> DocumentNode:
        """Parse a document that keeps the bounds.

        Raises GraphQLError for what is no document, LimitExceeded for one beyond a bound.
        """
        check_characters(text, self.characters)
        document = parse_within(text, self.tokens, self.depth)
        outline = outline_of(document)
        check_operations(outline, self.operations)
        check_selections(outline, self.selections)
        check_depth(outline, self.depth, self.introspection_depth)
        check_root_fields(outline, self.root_fields)
        check_aliases(outline, self.aliases)
        check_directives(outline, self.directives)
        check_literals(outline, self.value_depth)
        check_numbers(outline, self.number_length)
        return document
