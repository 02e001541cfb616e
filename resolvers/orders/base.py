"""The base class of orders, and the registry of their types."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self, TypeVar

import msgspec
from strawberry.utils.str_converters import to_camel_case

from schema import arguments
from schema.errors import InvalidInput
from schema.keys import SubscriptionKey
from schema.order_input import UpgradeOrderInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(ABC):
    """An order: the facts that all families have in common.

    Attributes:
        kind: the name of its `OperationKind`; stored in records.
        input_type: the input of its mutation. It has the members that an order of this kind may
            have; those without default are required.
        is_repeatable: whether executing it twice has the same effect as executing it once.
        preview: the content of a verified preview token; not part of the order's identity.
    """

    kind: ClassVar[str]
    input_type: ClassVar[type]
    is_repeatable: ClassVar[bool] = False

    preview: str | None = None

    @classmethod
    @abstractmethod
    def parse(cls, input: Any) -> Self:
        """Validate an input with the members of `input_type`, and return the order.

        Raises InvalidInput for the first invalid argument.
        """

    @classmethod
    def is_meant_by(cls, input: UpgradeOrderInput) -> bool:
        """Whether the members of an input without `kind` show that it is an order of this kind."""
        return False

    @property
    @abstractmethod
    def customer_id(self) -> str: ...

    @property
    @abstractmethod
    def subject(self) -> str:
        """The resource that the order changes.

        Only one operation at a time may change a resource.
        """

    @property
    @abstractmethod
    def policy_type(self) -> str:
        """The name that a purchase policy uses for orders of this type."""

    @property
    @abstractmethod
    def seats(self) -> int | None:
        """The number of seats to buy; None if it is that of the source subscription."""

    @property
    def source_id(self) -> str | None:
        """The id of the subscription that the order changes, in lower case; else None."""
        return None

    @property
    def target(self) -> str | None:
        """The offer or item of the new subscription, in lower case; None if it creates none."""
        return None


AnyOrder = TypeVar("AnyOrder", bound=Order)

_ORDER_TYPES: Final[dict[str, type[Order]]] = {}
# The members that an order may have or not, by its kind.
_MEMBERS: Final = [
    each.name
    for each in dataclasses.fields(UpgradeOrderInput)
    if each.name not in {"customer_id", "kind"}
]


def register_order_type(order_type: type[AnyOrder]) -> type[AnyOrder]:
    """Register a type of orders by its kind, so that records and inputs of the kind can be decoded.

    Is used as a class decorator for dataclasses.
    """
    _ORDER_TYPES[order_type.kind] = order_type
    return order_type


def known_kinds() -> list[str]:
    """Return the kinds of orders that this version can execute."""
    return sorted(_ORDER_TYPES)


def decode_order(kind: str, payload: dict[str, Any]) -> Order:
    """Decode a recorded order. Raises LookupError if no type is registered for its kind."""
    return msgspec.convert(payload, _ORDER_TYPES[kind])


def parse_order(input: UpgradeOrderInput) -> Order:
    """Validate an input of any kind and return the order. Raises InvalidInput."""
    found = check_members(input)
    kind = found.order_type.kind
    if not found.is_explicit:
        kind = f"{kind}, which its other members imply"
    for name in found.superfluous:
        raise InvalidInput(
            f"{name} does not belong to an order of kind {kind}."
            " Remove it, or set `kind` and the members of that kind."
        )
    for name in found.missing:
        raise InvalidInput(f"{name} is required for an order of kind {kind}.")
    return found.order_type.parse(input)


@dataclass(frozen=True, slots=True)
class MemberCheck:
    """The kind of order that an input describes, and the members that do not fit that kind.

    Attributes:
        is_explicit: whether the input names the kind; otherwise its members imply it.
    """

    order_type: type[Order]
    is_explicit: bool
    superfluous: Sequence[str]
    missing: Sequence[str]


def check_members(input: UpgradeOrderInput) -> MemberCheck:
    """Determine the kind of an input, and compare its members with those of the kind.

    Raises InvalidInput if neither `kind` nor the members determine it.
    """
    order_type = _find_order_type(input)
    present = {each for each in _MEMBERS if getattr(input, each) is not None}
    members = {each.name: each for each in dataclasses.fields(order_type.input_type)}
    required = {name for name, member in members.items() if _is_required(member)}
    return MemberCheck(
        order_type,
        is_explicit=input.kind is not None,
        superfluous=[to_camel_case(each) for each in sorted(present - members.keys())],
        missing=[to_camel_case(each) for each in _MEMBERS if each in required - present],
    )


def _find_order_type(input: UpgradeOrderInput) -> type[Order]:
    if input.kind is not None:
        return _ORDER_TYPES[input.kind.name]
    meant = (each for each in _ORDER_TYPES.values() if each.is_meant_by(input))
    found = next(meant, None)
    if found is None:
        raise InvalidInput(
            "subscriptionId needs a target: targetOfferId for an upgrade to another legacy offer,"
            " or toCatalogItemId for a transition. For a change at the renewal, set kind:"
            " SCHEDULE_UPGRADE. Without subscriptionId, the order is a product upgrade."
        )
    return found


def _is_required(member: dataclasses.Field[Any]) -> bool:
    return member.default is member.default_factory is dataclasses.MISSING


def subscription_subject(key: SubscriptionKey) -> str:
    """Return the name of a subscription as the resource that an order changes."""
    return ":".join(("subscription", *key.normalized))


def parse_source(customer_id: str, subscription_id: str) -> SubscriptionKey:
    return SubscriptionKey(
        arguments.parse_guid("customerId", customer_id),
        arguments.parse_guid("subscriptionId", subscription_id),
    )


def parse_quantity(quantity: int) -> int:
    if quantity < 1:
        raise InvalidInput(f"quantity must be at least 1, not {quantity}.")
    return quantity
