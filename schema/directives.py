"""What a field costs in upstream calls, as the graph prints it."""

from collections.abc import Iterable, Sequence
from typing import Final

import strawberry
from strawberry import UNSET
from strawberry.directive import directive_field
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


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="upstreamCalls",
    description=(
        "What a field is expected to cost in upstream calls. A field without it costs none, and a "
        "list without `size` has as many items as its `first` says."
    ),
)
class UpstreamCalls:
    """Stands where a resolver asks a loader.

    Attributes:
        calls: for each object that the field is asked of.
        per: types; the calls are made once for the nearest object above of one of them, however
            many objects the field is asked of, and for each of these where there is none.
        at_most: how many calls are made for that object; `calls` when left out.
        shared: fields of one name share their calls for that object.
        size: how many items a list is expected to have at most.
    """

    calls: int = directive_field(name="calls", default=0)
    per: list[str] | None = directive_field(name="per", default=UNSET)
    at_most: int | None = directive_field(name="atMost", default=UNSET)
    shared: str | None = directive_field(name="shared", default=UNSET)
    size: int | None = directive_field(name="size", default=UNSET)


def find_upstream_calls(directives: Iterable[object]) -> UpstreamCalls | None:
    """Return the cost among a field's directives; None where it has none."""
    return next((each for each in directives if isinstance(each, UpstreamCalls)), None)


ONE_CALL: Final = (UpstreamCalls(calls=1),)
"""One call for each object that the field is asked of."""

SHORT_LIST: Final = (UpstreamCalls(calls=1, size=5),)
"""One call for each object, answered by a short list."""

CUSTOMER_SUBSCRIPTIONS: Final = (
    UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions", size=20),
)
"""One call for each customer. Most have far fewer subscriptions than a page may hold."""

FULL_CUSTOMER: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="customer"),)
"""The customer by its id, read once for all members that lists leave out."""

PER_CUSTOMER: Final = (UpstreamCalls(calls=1, per=["Customer"]),)
"""One call for the customer that all these objects belong to."""

PER_SUBSCRIPTION: Final = (UpstreamCalls(calls=1, per=["CustomerSubscription"]),)
"""One call for the subscription that all these objects belong to."""

SUBSCRIPTION_LIST: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions"),)
"""The list of a customer's subscriptions, which answers for each of them."""

PRODUCT_UPGRADE_SUBSCRIPTIONS: Final = (
    UpstreamCalls(calls=1, per=["Customer", "ProductUpgradesStatus"], shared="subscriptions"),
)
"""Likewise, for all products of one product upgrade."""

ADD_ONS: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions", size=5),)
"""Likewise, answered by a short list."""

CUSTOMER_OFFERS: Final = (UpstreamCalls(calls=1, per=["Customer"], at_most=5),)
"""Offers by id, up to four one by one, more by a page; those asked for together share it."""

LINKED_OFFERS: Final = (
    UpstreamCalls(calls=5, per=["OfferConnection", "CustomerSubscription"], size=5),
)
"""Offers that offers name, likewise."""

RECORDED_OPERATIONS: Final = (UpstreamCalls(size=5),)
"""No upstream call, but what is below may need some."""

LINE_ITEMS: Final = (UpstreamCalls(size=5),)
"""Likewise: products lead to subscriptions."""

PREVIEW: Final = (UpstreamCalls(calls=3),)
"""The subscription, its upgrades, and the customer's list for its add-ons."""

PURCHASE: Final = (UpstreamCalls(calls=5),)
"""Up to four calls to check and one to do it. They are the operation's: it makes them on its own,
under the throttle, as it does all that follows; a batch costs its request nothing."""
