"""Decodes a body into a wire model: strictly first, and leniently where that fails.

The strict decoder knows every member of the contract in camelCase and rejects all others. A body
that it rejects is decoded again without its empty texts, and then with everything that the contract
requires a client to accept (`coercion.py`), such as a byte order mark or members in another casing.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from gateway.upstream.coercion import Members, compile_coercion, is_nonempty_text
from gateway.upstream.error_body import find_error
from gateway.upstream.transport.response_body import to_utf8

T = TypeVar("T")
_Clear = Callable[[Any], None]
_Clears = list[tuple[str, _Clear | None]]

# Members that errors and all resources may have (CONTRACT 5.1) do not make a body a resource.
_SHARED_NAMES: Final = frozenset({"attributes", "links", "description"})


class UnexpectedErrorBody(ValueError):
    """The body has an error of the vendor in place of the resource.

    Attributes:
        code: the vendor's error code.
    """

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


class Decoder(Generic[T]):
    """Decodes bodies of one model.

    Raises `msgspec.DecodeError` or `ValueError` for a body that is not JSON, is cut off, or lacks a
    required member, and `UnexpectedErrorBody` for an error, whatever its status.
    """

    def __init__(self, model: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(model)
        info = inspect.type_info(model)
        known: dict[type, Members] = {}
        self._coerce = compile_coercion(info, known)
        self._own_names = (
            known[info.cls].keys() - _SHARED_NAMES if isinstance(info, inspect.StructType) else None
        )
        self._remove_empty_texts = build_empty_text_remover(model)

    def __call__(self, body: bytes) -> T:
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return self._decode_unusual(body)

    def _decode_unusual(self, body: bytes) -> T:
        if b'""' in body:
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                return self._decoder.decode(self._remove_empty_texts(body))
        return self.decode_lenient(body)

    def decode_lenient(self, body: bytes) -> T:
        """Decode a body more slowly, but accept deviations from the contract."""
        try:
            loaded = json.loads(to_utf8(body, ""))
            self._reject_error_body(loaded)
            return self._decoder.decode(msgspec.json.encode(self._coerce(loaded)))
        except RecursionError as cause:
            raise ValueError("it is nested too deeply") from cause

    def _reject_error_body(self, loaded: Any) -> None:
        """Raise `UnexpectedErrorBody` for an error that has no member of the model."""
        if self._own_names is None or not isinstance(loaded, dict):
            return
        own = [value for name, value in loaded.items() if name.lower() in self._own_names]
        error = find_error(loaded)
        if any(own) or (own and error.code is None):
            return
        if error.code is not None or error.description:
            code = "" if error.code is None else f" {error.code}"
            raise UnexpectedErrorBody(
                f"it is an error{code}: {error.description or 'no text'}", error.code
            )


def build_empty_text_remover(model: Any) -> Callable[[bytes], bytes]:
    """Build a function that removes the empty optional texts from a body (CONTRACT 0, rule 6).

    Required texts stay, and so does JSON without a model. The strict decoder rejects a body with an
    empty optional text, so the function runs only if needed: searching every body for `""` took
    half as long as decoding it.
    """
    clear = _compile_clear(inspect.type_info(model), {}) or _clear_nothing

    def cleared(body: bytes) -> bytes:
        loaded = msgspec.json.decode(body)
        clear(loaded)
        return msgspec.json.encode(loaded)

    return cleared


def _compile_clear(info: inspect.Type, known: dict[type, _Clears]) -> _Clear | None:
    """Compile the removal for a type; None if it contains no optional text."""
    if isinstance(info, inspect.UnionType):
        types = [member for member in info.types if not isinstance(member, inspect.NoneType)]
        return _compile_clear(types[0], known) if len(types) == 1 else None
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        clear = _compile_clear(info.item_type, known)
        return None if clear is None else partial(_clear_each, clear)
    if not isinstance(info, inspect.StructType):
        return None
    if info.cls not in known:  # filled afterwards, as a type may contain itself
        members = known[info.cls] = []
        members += _compile_member_clears(info, known)
    return partial(_clear_members, known[info.cls])


def _compile_member_clears(info: inspect.StructType, known: dict[type, _Clears]) -> _Clears:
    compiled = (
        (f.encode_name, _is_optional_text(f.type), _compile_clear(f.type, known))
        for f in info.fields
    )
    return [(name, clear) for name, is_text, clear in compiled if is_text or clear is not None]


def _is_optional_text(info: inspect.Type) -> bool:
    return isinstance(info, inspect.UnionType) and any(map(is_nonempty_text, info.types))


def _clear_members(members: _Clears, loaded: Any) -> None:
    if not isinstance(loaded, dict):
        return
    for name, clear in members:
        value = loaded.get(name)
        if value == "":
            del loaded[name]
        elif clear is not None:
            clear(value)


def _clear_each(clear: _Clear, loaded: Any) -> None:
    if isinstance(loaded, list):
        for item in loaded:
            clear(item)


def _clear_nothing(loaded: Any) -> None:
    """For models without optional texts."""
