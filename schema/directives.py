"""Directives of the printed schema: required scopes and expected upstream calls."""

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
    description="The scope that a caller needs for this field.",
)
class RequiresScope:
    """Names the scope that a root field and the fields below it require."""

    scope: str = strawberry.directive_field(name="scope")


REQUIRES_READ: Final = (RequiresScope(scope=Scope.READ.value),)
REQUIRES_WRITE: Final = (RequiresScope(scope=Scope.WRITE.value),)
REQUIRES_ADMIN: Final = (RequiresScope(scope=Scope.ADMIN.value),)


def find_required_scope(directives: Sequence[object]) -> Scope | None:
    """Return the scope that a field's directives require; None if there is none."""
    for directive in directives:
        if isinstance(directive, RequiresScope):
            return Scope(directive.scope)
    return None


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="upstreamCalls",
    description=(
        "The expected number of upstream calls of a field, from which the cost of"
        " a document is estimated. `calls` are made once for each object that has"
        " the field or, with `per`, once for the nearest enclosing object of"
        " these types, at most `atMost` times. Fields with the same `shared` name"
        " share their calls. `size` is the expected length of a list; without it,"
        " the list has as many items as `first` says. A field without this"
        " directive makes no upstream call."
    ),
)
class UpstreamCalls:
    """Declares how many upstream calls a field with a loader makes.

    Attributes:
        calls: the calls for each object that has the field.
        per: type names. The calls are made once for the nearest enclosing object of one of these
            types, however many objects have the field; without such an object, once for each
            object.
        at_most: the maximum number of calls for an enclosing object; defaults to `calls`.
        shared: a name. Fields whose directives have the same one share their calls for an
            enclosing object.
        size: the expected maximum length of the list that the field returns.
    """

    calls: int = directive_field(name="calls", default=0)
    per: list[str] | None = directive_field(name="per", default=UNSET)
    at_most: int | None = directive_field(name="atMost", default=UNSET)
    shared: str | None = directive_field(name="shared", default=UNSET)
    size: int | None = directive_field(name="size", default=UNSET)


def find_upstream_calls(directives: Iterable[object]) -> UpstreamCalls | None:
    """Return the directive that declares a field's calls; None if there is none."""
    return next((each for each in directives if isinstance(each, UpstreamCalls)), None)


ONE_CALL: Final = (UpstreamCalls(calls=1),)
"""One call for each object that has the field."""

SHORT_LIST: Final = (UpstreamCalls(calls=1, size=5),)
"""One call for each object, which returns a short list."""

CUSTOMER_SUBSCRIPTIONS: Final = (
    UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions", size=20),
)
"""One call for each customer. Most have far fewer subscriptions than a page allows."""

FULL_CUSTOMER: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="customer"),)
"""One read by id for all fields that lists of customers leave out."""

PER_CUSTOMER: Final = (UpstreamCalls(calls=1, per=["Customer"]),)
"""One call for the customer that owns all these objects."""

PER_SUBSCRIPTION: Final = (UpstreamCalls(calls=1, per=["CustomerSubscription"]),)
"""One call for the subscription that owns all these objects."""

SUBSCRIPTION_LIST: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions"),)
"""The list of a customer's subscriptions, shared by all fields that need one of them."""

PRODUCT_UPGRADE_SUBSCRIPTIONS: Final = (
    UpstreamCalls(calls=1, per=["Customer", "ProductUpgradesStatus"], shared="subscriptions"),
)
"""The same list, for all products of one product upgrade."""

ADD_ONS: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="subscriptions", size=5),)
"""The same list, of which the field returns a few."""

CUSTOMER_OFFERS: Final = (UpstreamCalls(calls=1, per=["Customer"], at_most=5),)
"""Up to four offers are read one by one, more by a catalog page that they share."""

LINKED_OFFERS: Final = (
    UpstreamCalls(calls=5, per=["OfferConnection", "CustomerSubscription"], size=5),
)
"""The offers that an offer names, read in the same way."""

PROMOTIONS: Final = (UpstreamCalls(calls=1, per=["Customer"], shared="promotions", size=5),)
"""One call for all purchases of a customer."""

AVAILABILITY: Final = (UpstreamCalls(calls=2),)
"""By its id, and, if that was reissued, the list."""

AUDIT_RECORDS: Final = (UpstreamCalls(calls=1, size=100),)
"""One call for each page of 500 records, which a customer rarely fills in a day."""

RECORDED_OPERATIONS: Final = (UpstreamCalls(size=5),)
"""No upstream call itself; the fields below may need some for each item."""

LINE_ITEMS: Final = (UpstreamCalls(size=5),)
"""No upstream call itself; each product links to a subscription."""

PREVIEW: Final = (UpstreamCalls(calls=4),)
"""The customer's subscriptions, and what the vendor allows for one of them; of product upgrades,
what it allows, and the existing upgrade; of scheduled changes, also what is on sale."""

PURCHASE: Final = (UpstreamCalls(calls=5),)
"""Up to four calls to check an order and one to send it. A batch has no cost: its operations make
their calls after the request, under the rate limits."""

SCHEDULED_CHANGE: Final = (UpstreamCalls(calls=6),)
"""Up to four calls to check an order, one to read the whole subscription and one to change it."""
