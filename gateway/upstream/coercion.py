"""Compiles, for a model's type, what makes loaded JSON fit it (CONTRACT 0, 6, 7 and 11).

Accepts members in any casing and by other names, drops unknown members, and converts numbers to
text, text to numbers, and a single value to a list. A value that cannot be converted becomes None.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import inspect

Coerce = Callable[[Any], Any]
Members = dict[str, tuple[str, Coerce]]

# Other names of members, in lower case, with the name in the models (CONTRACT 11, Q13).
_ALIASES: Final = {"transition": "items", "transitions": "items"}


def compile_coercion(info: inspect.Type, known: dict[type, Members]) -> Coerce:
    if isinstance(info, inspect.UnionType):
        return _compile_union(info, known)
    if isinstance(info, inspect.StructType):
        return partial(_coerce_object, _compile_members(info, known))
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        return partial(_coerce_list, compile_coercion(info.item_type, known))
    return _coerce_nonempty_text if is_nonempty_text(info) else _SCALARS.get(type(info), _keep)


def _compile_union(info: inspect.UnionType, known: dict[type, Members]) -> Coerce:
    """Unions in the models are optional types, or the text or number of an enum."""
    types = [t for t in info.types if not isinstance(t, inspect.NoneType)]
    return compile_coercion(types[0], known) if len(types) == 1 else _coerce_enum


def _compile_members(info: inspect.StructType, known: dict[type, Members]) -> Members:
    """Map names in lower case to members. Registered before it is filled, for recursion."""
    if info.cls in known:
        return known[info.cls]
    members = known[info.cls] = {}
    for field in info.fields:
        members[field.encode_name.lower()] = field.encode_name, compile_coercion(field.type, known)
    for other, name in _ALIASES.items():
        if name in members and other not in members:
            members[other] = members[name]
    return members


def is_nonempty_text(info: inspect.Type) -> bool:
    """Whether a type accepts only text with at least one character."""
    return isinstance(info, inspect.StrType) and bool(info.min_length)


def _coerce_object(members: Members, value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    found = ((members.get(name.lower()), item) for name, item in value.items())
    return {member[0]: member[1](item) for member, item in found if member is not None}


def _coerce_list(coerce_item: Coerce, value: Any) -> list[Any] | None:
    if value is None or value == "":
        return None
    items = value if isinstance(value, list) else [value]
    read = (coerce_item(item) for item in items)
    return [item for item in read if item is not None]


def _coerce_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _coerce_nonempty_text(value: Any) -> str | None:
    return _coerce_text(value) or None


def _coerce_enum(value: Any) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _coerce_text(value)


def _coerce_int(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -(2**31) <= number < 2**31 else None  # the range of GraphQL's Int


def _coerce_bool(value: Any) -> bool | None:
    words = {"true": True, "1": True, "false": False, "0": False}
    return words.get(str(value).strip().lower())


def _keep(value: Any) -> Any:
    return value


_SCALARS: Final[dict[type[inspect.Type], Coerce]] = {
    inspect.StrType: _coerce_text,
    inspect.IntType: _coerce_int,
    inspect.BoolType: _coerce_bool,
}
