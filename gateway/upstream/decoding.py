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

from gateway.upstream.empty_texts import build_empty_text_remover, is_nonempty_text
from gateway.upstream.error_body import find_error
from gateway.upstream.transport.response_body import to_utf8

T = TypeVar("T")
Coerce = Callable[[Any], Any]
Members = dict[str, tuple[str, Coerce]]

# Other names of a member, lower case, by the name the model knows it by (CONTRACT 11, Q13).
_ALIASES: Final = {"transition": "items", "transitions": "items"}
# What every resource may have (CONTRACT 5.1), or a fault too, makes none of them.
_SHARED_NAMES: Final = frozenset({"attributes", "links", "description"})


class UnexpectedErrorBody(ValueError):
    """A fault where a resource was expected.

    Attributes:
        code: the vendor's own error code.
    """

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


class Decoder(Generic[T]):
    """Reads bodies of one model.

    Raises `msgspec.DecodeError` or `ValueError` for what is no such body: not JSON, cut short,
    without a member that has no substitute. A fault is `FaultBody`, whatever its status was.
    """

    def __init__(self, model: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(model)
        info = inspect.type_info(model)
        known: dict[type, Members] = {}
        self._coerce = _compile_coercion(info, known)
        self._own_names = (
            known[info.cls].keys() - _SHARED_NAMES if isinstance(info, inspect.StructType) else None
        )
        self._remove_empty_texts = build_empty_text_remover(model)

    def __call__(self, body: bytes) -> T:
        """Read one body."""
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return self._decode_unusual(body)

    def _decode_unusual(self, body: bytes) -> T:
        """Read one body that is not as usual."""
        if b'""' in body:
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                return self._decoder.decode(self._remove_empty_texts(body))
        return self.decode_lenient(body)

    def decode_lenient(self, body: bytes) -> T:
        """Read one body the slow way, which gives the same for a usual body."""
        try:
            loaded = json.loads(to_utf8(body, ""))
            self._reject_error_body(loaded)
            return self._decoder.decode(msgspec.json.encode(self._coerce(loaded)))
        except RecursionError as cause:
            raise ValueError("the body is nested too deeply") from cause

    def _reject_error_body(self, loaded: Any) -> None:
        """Raise `FaultBody` for one that has nothing of the model."""
        if self._own_names is None or not isinstance(loaded, dict):
            return
        own = [value for name, value in loaded.items() if name.lower() in self._own_names]
        error = find_error(loaded)
        if any(own) or (own and error.code is None):
            return
        if error.code is not None or error.description:
            code = "" if error.code is None else f" {error.code}"
            raise UnexpectedErrorBody(
                f"it is a fault{code}: {error.description or 'no text'}", error.code
            )


def _compile_coercion(info: inspect.Type, known: dict[type, Members]) -> Coerce:
    """Compile what makes a loaded JSON value fit a model's type; None stands for what cannot."""
    if isinstance(info, inspect.UnionType):
        return _compile_union(info, known)
    if isinstance(info, inspect.StructType):
        return partial(_coerce_object, _compile_members(info, known))
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        return partial(_coerce_list, _compile_coercion(info.item_type, known))
    return _coerce_nonempty_text if is_nonempty_text(info) else _SCALARS.get(type(info), _keep)


def _compile_union(info: inspect.UnionType, known: dict[type, Members]) -> Coerce:
    """Unions here are optional types, or an enum's string or number."""
    types = [t for t in info.types if not isinstance(t, inspect.NoneType)]
    return _compile_coercion(types[0], known) if len(types) == 1 else _coerce_enum


def _compile_members(info: inspect.StructType, known: dict[type, Members]) -> Members:
    """List an object's members by their folded names; a recurring type fills its list later."""
    if info.cls in known:
        return known[info.cls]
    members = known[info.cls] = {}
    for field in info.fields:
        members[field.encode_name.lower()] = field.encode_name, _compile_coercion(field.type, known)
    for other, name in _ALIASES.items():
        if name in members and other not in members:
            members[other] = members[name]
    return members


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
    return number if -(2**31) <= number < 2**31 else None  # GraphQL's Int holds no more


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
