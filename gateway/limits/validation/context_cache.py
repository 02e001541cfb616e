"""What graphql-core's rules find out once, kept by which node it is about.

graphql-core keeps it in dictionaries by node, and the hash of a node is that of all nodes below it:
nine hashes of a whole operation for its variables alone. Nodes of one document are the same only
if they are one, so their identity does as well.
"""

from typing import Any, Final

from graphql import DefinitionNode, ValidationContext, ValidationRule
from graphql.pyutils import RefMap

# Of its `ValidationContext`; without one of them validation is slower and finds the same.
_SPREADS: Final = "_fragment_spreads"
_USAGES: Final = "_variable_usages"
_OF_OPERATIONS: Final = "_recursive_variable_usages"


class IdentityKeyedCache(ValidationRule):
    """Finds nothing wrong itself; the first of the rules, for the context is that of all."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        usages: RefMap[DefinitionNode, list[Any]] = RefMap()
        kept = {_USAGES: usages, _OF_OPERATIONS: RefMap(), _SPREADS: RefMap()}
        for name, empty in kept.items():
            setattr(context, name, empty)
        # No `$` is no variable: the walk that would find them is spared.
        usages.update((each, []) for each in context.document.definitions if not _has_sign(each))


def _has_sign(definition: DefinitionNode) -> bool:
    location = definition.loc
    return location is None or "$" in location.source.body[location.start : location.end]
