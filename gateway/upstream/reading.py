"""Reads a body into a wire model: strictly first, tolerantly where the body is unusual.

The strict decoder knows every member of the contract in camelCase and refuses the rest. What it
refuses is read again without its empty texts, and if that was not all, with everything CONTRACT
sections 0, 6, 7 and 11 say must be accepted: a byte order mark, members in any casing, unknown
members, other names of a member, numbers for strings and strings for numbers, one value where a
list is due.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from gateway.upstream.empty_texts import filled, without_empty_texts
from gateway.upstream.faults import fault_in
from gateway.upstream.response_body import to_utf8

T = TypeVar("T")
Coerce = Callable[[Any], Any]
Members = dict[str, tuple[str, Coerce]]

# Other names of a member, lower case, by the name the model knows it by (CONTRACT 11, Q13).
_OTHER_NAMES: Final = {"transition": "items", "transitions": "items"}
# What every resource may have (CONTRACT 5.1), or a fault too, makes none of them.
_SHARED_NAMES: Final = frozenset({"attributes", "links", "description"})


class FaultBody(ValueError):
    """A fault where a resource was expected.

    Attributes:
        code: the vendor's own error code.
    """

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


class Reader(Generic[T]):
    """Reads bodies of one model.

    Raises `msgspec.DecodeError` or `ValueError` for what is no such body: not JSON, cut short,
    without a member that has no substitute. A fault is `FaultBody`, whatever its status was.
    """

    def __init__(self, model: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(model)
        info = inspect.type_info(model)
        known: dict[type, Members] = {}
        self._coerce = _coercion(info, known)
        self._own_names = (
            known[info.cls].keys() - _SHARED_NAMES if isinstance(info, inspect.StructType) else None
        )
        self._without_empty_texts = without_empty_texts(model)

    def __call__(self, body: bytes) -> T:
        """Read one body."""
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return self._read_again(body)

    def _read_again(self, body: bytes) -> T:
        """Read one body that is not as usual."""
        if b'""' in body:
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                return self._decoder.decode(self._without_empty_texts(body))
        return self.tolerantly(body)

    def tolerantly(self, body: bytes) -> T:
        """Read one body the slow way, which gives the same for a usual body."""
        try:
            loaded = json.loads(to_utf8(body, ""))
            self._refuse_fault(loaded)
            return self._decoder.decode(msgspec.json.encode(self._coerce(loaded)))
        except RecursionError as cause:
            raise ValueError("the body is nested too deeply") from cause

    def _refuse_fault(self, loaded: Any) -> None:
        """Raise `FaultBody` for one that has nothing of the model."""
        if self._own_names is None or not isinstance(loaded, dict):
            return
        own = [value for name, value in loaded.items() if name.lower() in self._own_names]
        fault = fault_in(loaded)
        if any(own) or (own and fault.code is None):
            return
        if fault.code is not None or fault.description:
            code = "" if fault.code is None else f" {fault.code}"
            raise FaultBody(f"it is a fault{code}: {fault.description or 'no text'}", fault.code)


def _coercion(info: inspect.Type, known: dict[type, Members]) -> Coerce:
    """Compile what makes a loaded JSON value fit a model's type; None stands for what cannot."""
    if isinstance(info, inspect.UnionType):
        return _union_coercion(info, known)
    if isinstance(info, inspect.StructType):
        return partial(_read_object, _members(info, known))
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        return partial(_read_list, _coercion(info.item_type, known))
    return _read_filled_text if filled(info) else _SCALARS.get(type(info), _as_is)


def _union_coercion(info: inspect.UnionType, known: dict[type, Members]) -> Coerce:
    """Unions here are optional types, or an enum's string or number."""
    types = [t for t in info.types if not isinstance(t, inspect.NoneType)]
    return _coercion(types[0], known) if len(types) == 1 else _read_enumerated


def _members(info: inspect.StructType, known: dict[type, Members]) -> Members:
    """List an object's members by their folded names; a recurring type fills its list later."""
    if info.cls in known:
        return known[info.cls]
    members = known[info.cls] = {}
    for field in info.fields:
        members[field.encode_name.lower()] = field.encode_name, _coercion(field.type, known)
    for other, name in _OTHER_NAMES.items():
        if name in members and other not in members:
            members[other] = members[name]
    return members


def _read_object(members: Members, value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    found = ((members.get(name.lower()), item) for name, item in value.items())
    return {member[0]: member[1](item) for member, item in found if member is not None}


def _read_list(read_item: Coerce, value: Any) -> list[Any] | None:
    if value is None or value == "":
        return None
    items = value if isinstance(value, list) else [value]
    read = (read_item(item) for item in items)
    return [item for item in read if item is not None]


def _read_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _read_filled_text(value: Any) -> str | None:
    return _read_text(value) or None


def _read_enumerated(value: Any) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _read_text(value)


def _read_number(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -(2**31) <= number < 2**31 else None  # GraphQL's Int holds no more


def _read_claim(value: Any) -> bool | None:
    words = {"true": True, "1": True, "false": False, "0": False}
    return words.get(str(value).strip().lower())


def _as_is(value: Any) -> Any:
    return value


_SCALARS: Final[dict[type[inspect.Type], Coerce]] = {
    inspect.StrType: _read_text,
    inspect.IntType: _read_number,
    inspect.BoolType: _read_claim,
}
