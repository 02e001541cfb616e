"""Who may use a field, as the graph prints it."""

from collections.abc import Sequence
from typing import Final

import strawberry
from strawberry.schema_directive import Location

from schema.scopes import Scope


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScope",
    description="Answered only to callers with this scope.",
)
class RequiresScope:
    """On every root field; what lies below it is read with the same scope."""

    scope: str = strawberry.directive_field(name="scope")


REQUIRES_READ: Final = (RequiresScope(scope=Scope.READ.value),)
REQUIRES_WRITE: Final = (RequiresScope(scope=Scope.WRITE.value),)
REQUIRES_ADMIN: Final = (RequiresScope(scope=Scope.ADMIN.value),)


def find_required_scope(directives: Sequence[object]) -> Scope | None:
    """Return the scope that a field's directives ask for; None where none does."""
    for directive in directives:
        if isinstance(directive, RequiresScope):
            return Scope(directive.scope)
    return None
