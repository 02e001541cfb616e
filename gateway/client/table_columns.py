"""The columns of a CSV file of orders: one for each member of a batch's line in the graph."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Final, get_args, get_type_hints

from strawberry.utils.str_converters import to_camel_case

from resolvers.orders import MemberCheck, check_members
from schema.batch import UpgradeLineInput
from schema.errors import InvalidInput
from schema.operation_kind import OperationKindInput
from schema.scalars import parse_instant

_MAX_QUANTITY: Final = 2**31 - 1  # Int of GraphQL


@dataclass(frozen=True, slots=True)
class Column:
    """A CSV column, named like an input member in the graph: `a.b` is the member `b` of `a`.

    Attributes:
        parse: returns the value of a cell that is not empty; raises ValueError, which says what was
            expected.
    """

    name: str
    parse: Callable[[str], object]


def _list_columns(input_type: type, prefix: str = "") -> Iterator[Column]:
    for member, annotation in get_type_hints(input_type).items():
        name = f"{prefix}{to_camel_case(member)}"
        kind = next((each for each in get_args(annotation) if each is not type(None)), annotation)
        if is_dataclass(kind) and isinstance(kind, type):
            yield from _list_columns(kind, f"{name}.")
        elif isinstance(kind, type) and issubclass(kind, Enum):
            yield Column(name, partial(_parse_enum, kind))
        else:
            yield Column(name, _PARSERS.get(kind, str))


def _parse_enum(kind: type[Enum], cell: str) -> str:
    if cell in kind.__members__:
        return cell
    raise ValueError(f"expected one of {', '.join(kind.__members__)}")


def _parse_bool(cell: str) -> bool:
    if cell.casefold() in {"true", "false"}:
        return cell.casefold() == "true"
    raise ValueError("expected true or false")


def _parse_quantity(cell: str) -> int:
    """Parse digits and nothing else, because 1.500 may mean 1 or 1500."""
    if cell.isascii() and cell.isdecimal() and len(cell) <= len(str(_MAX_QUANTITY)):
        number = int(cell)
        if 1 <= number <= _MAX_QUANTITY:
            return number
    raise ValueError(
        "expected a whole number of at least 1, only digits, such as 1500, or an empty field for"
        " the quantity of the subscription"
    )


def _parse_instant(cell: str) -> str:
    try:
        parse_instant(cell)
    except InvalidInput:
        raise ValueError("expected a date such as 2027-01-31, or an instant in UTC") from None
    return cell


_PARSERS: Final[dict[object, Callable[[str], object]]] = {
    int: _parse_quantity,
    bool: _parse_bool,
    datetime: _parse_instant,
}


COLUMNS: Final = {column.name: column for column in _list_columns(UpgradeLineInput)}
_MEMBERS: Final = {to_camel_case(member): member for member in get_type_hints(UpgradeLineInput)}
_NO_ORDER: Final = (
    "the line has no subscription with a target; for a product upgrade, set 'productFamily' to"
    " azure"
)


def find_wrong_members(line: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Yield the members of a line that are missing, or not allowed for its kind of order.

    Yields pairs of the column, or None for the whole line, and a description of the problem.
    """
    if not line.keys() - {"customerId", "quantity", "previewToken"}:
        # Without the product family it may be a line that somebody has not completed.
        yield None, _NO_ORDER
        return
    members = {_MEMBERS[name]: value for name, value in line.items()}
    if "kind" in line:
        members["kind"] = OperationKindInput[line["kind"]]
    try:
        found = check_members(UpgradeLineInput(**members))
    except InvalidInput as unclear:
        yield None, str(unclear)
        return
    yield from _describe(found)


def _describe(found: MemberCheck) -> Iterator[tuple[str, str]]:
    kind = found.order_type.kind
    why = (
        f"as 'kind' says {kind}" if found.is_explicit else f"because the line was taken for {kind}"
    )
    for name in found.superfluous:
        yield name, f"must be empty, {why}; empty it, or change 'kind'"
    for name in found.missing:
        yield name, f"is required, {why}"
