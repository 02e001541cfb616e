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
    """The facts about an order that operations use, whatever its family.

    Attributes:
        kind: the name of its `OperationKind`; stored in records.
        input_type: the input of its mutation. It has the members that an order of this kind may
            have; those without default are required.
        is_repeatable: executing it twice has the effect of executing it once.
        preview: the content of a verified preview token; not part of the order's identity.
    """

    kind: ClassVar[str]
    input_type: ClassVar[type]
    is_repeatable: ClassVar[bool] = False

    preview: str | None = None

    @classmethod
    @abstractmethod
    def parse(cls, input: Any) -> Self:
        """Validate an input that has the members of `input_type`.

        Raises InvalidInput for the first wrong argument.
        """

    @classmethod
    def is_meant_by(cls, input: UpgradeOrderInput) -> bool:
        """Return whether an input without `kind` is of this kind, by its members."""
        return False

    @property
    @abstractmethod
    def customer_id(self) -> str: ...

    @property
    @abstractmethod
    def subject(self) -> str:
        """The resource that the order changes; stored. One operation holds a subject at a time."""

    @property
    @abstractmethod
    def policy_type(self) -> str:
        """The name by which a purchase policy allows orders of this type."""

    @property
    @abstractmethod
    def seats(self) -> int | None:
        """The seats to buy; None for as many as the source subscription has."""

    @property
    def source_id(self) -> str | None:
        """The id of the subscription that it changes, in lower case, if it is one subscription."""
        return None

    @property
    def target(self) -> str | None:
        """The offer of the subscription that it creates, in lower case, if it creates one."""
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
    """Let records and inputs of this type's kind be read. A class decorator for dataclasses."""
    _ORDER_TYPES[order_type.kind] = order_type
    return order_type


def known_kinds() -> list[str]:
    """Return the kinds of orders that this version can execute."""
    return sorted(_ORDER_TYPES)


def decode_order(kind: str, payload: dict[str, Any]) -> Order:
    """Decode a recorded order. Raises LookupError if no type is registered for its kind."""
    return msgspec.convert(payload, _ORDER_TYPES[kind])


def parse_order(input: UpgradeOrderInput) -> Order:
    """Validate an order of any kind. Raises InvalidInput for the first wrong argument."""
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
    """The kind of an input, and the members that do not fit it, by their names in the graph.

    Attributes:
        is_explicit: the input says its kind; otherwise its members imply it.
    """

    order_type: type[Order]
    is_explicit: bool
    superfluous: Sequence[str]
    missing: Sequence[str]


def check_members(input: UpgradeOrderInput) -> MemberCheck:
    """Compare the members of an input with those of its kind.

    Raises InvalidInput if neither `kind` nor its members say which kind it is.
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
            " or toCatalogItemId for a transition. Without subscriptionId it is a product upgrade."
        )
    return found


def _is_required(member: dataclasses.Field[Any]) -> bool:
    return member.default is member.default_factory is dataclasses.MISSING


def subscription_subject(key: SubscriptionKey) -> str:
    """Return the subject of orders that change a subscription."""
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
