"""Empty texts are absent ones (CONTRACT 0, rule 6): what was decoded has null in their place."""

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import inspect

Clear = Callable[[Any], None]
_Members = list[tuple[str, Clear | None]]


def clearing(model: Any) -> Clear:
    """Make the function that sets the optional texts of a decoded model to null where empty.

    Texts that are required stay, and so does everything whose shape the model leaves open.
    """
    return _compiled(inspect.type_info(model), {}) or _nothing


def _compiled(info: inspect.Type, known: dict[type, _Members]) -> Clear | None:
    """Compile for a type; None where no optional text is within."""
    if isinstance(info, inspect.UnionType):
        types = [member for member in info.types if not isinstance(member, inspect.NoneType)]
        return _compiled(types[0], known) if len(types) == 1 else None
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        clear = _compiled(info.item_type, known)
        return None if clear is None else partial(_clear_each, clear)
    if not isinstance(info, inspect.StructType):
        return None
    if info.cls not in known:  # a type that contains itself fills its list later
        members = known[info.cls] = []
        members += _members(info, known)
    return partial(_clear_members, known[info.cls])


def _members(info: inspect.StructType, known: dict[type, _Members]) -> _Members:
    compiled = ((f.name, _is_optional_text(f.type), _compiled(f.type, known)) for f in info.fields)
    return [(name, clear) for name, is_text, clear in compiled if is_text or clear is not None]


def _is_optional_text(info: inspect.Type) -> bool:
    return isinstance(info, inspect.UnionType) and {type(member) for member in info.types} == {
        inspect.StrType,
        inspect.NoneType,
    }


def _clear_members(members: _Members, model: Any) -> None:
    for name, clear in members:
        value = getattr(model, name)
        if value == "":
            setattr(model, name, None)
        elif clear is not None and value is not None:
            clear(value)


def _clear_each(clear: Clear, items: Any) -> None:
    for item in items:
        clear(item)


def _nothing(value: Any) -> None:
    """There is no optional text in the model."""
