"""Encodes bodies in a wire profile."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.sandbox.enums import BillingCycle, EnumNumber, WireEnum
from gateway.sandbox.identity import is_guid
from gateway.sandbox.quirk_transforms import MEMBER_RENAMES, TRANSFORMS, UNKNOWN_NAME
from gateway.sandbox.quirks import BYTE_ORDER_MARK, Quirk, WireProfile, encode
from gateway.sandbox.timestamps import Timestamp

UNKNOWN_NUMBER: Final = 4711
_ENUM_FORMATS: Final[Mapping[Quirk, Callable[[WireEnum], Any]]] = {
    Quirk.ENUM_STRINGS: lambda member: member.value,
    Quirk.ENUM_INTEGERS: lambda member: member.number,
    Quirk.ENUM_PASCAL: lambda member: member.pascal,
}
_FRACTION_DIGITS: Final = {Quirk[f"FRACTION_{digits}"]: digits for digits in range(8)}
_QUIRKS_OUTSIDE_BODY: Final = {
    Quirk.BOM,
    Quirk.NO_CONTENT_TYPE,
    Quirk.IDS_NOT_ECHOED,
    Quirk.LOCATION_ABSOLUTE,
}


def render(body: Any, wire: WireProfile) -> bytes:
    if wire.quirks - _QUIRKS_OUTSIDE_BODY:
        body = apply_quirks(body, wire)
    content = encode(body)
    return BYTE_ORDER_MARK + content if Quirk.BOM in wire else content


def apply_quirks(value: Any, wire: WireProfile) -> Any:
    """Convert a body to JSON values, and apply the quirks of the wire profile."""
    value = _to_builtins(value, wire)
    for quirk, rename in MEMBER_RENAMES.items():
        value = _rename_members(value, rename) if quirk in wire else value
    return value


def _to_builtins(value: Any, wire: WireProfile) -> Any:
    if isinstance(value, dict):
        body = {key: _to_builtins(each, wire) for key, each in value.items()}
        for quirk, transform in TRANSFORMS.items():
            body = transform(body) if quirk in wire else body
        return body
    if isinstance(value, list):
        return [_to_builtins(each, wire) for each in value]
    return _render_scalar(value, wire)


def _rename_members(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {rename(key): _rename_members(each, rename) for key, each in value.items()}
    if isinstance(value, list):
        return [_rename_members(each, rename) for each in value]
    return value


def _render_scalar(value: Any, wire: WireProfile) -> Any:
    if isinstance(value, EnumNumber):
        return _render_enum(value.member, wire, is_number=True)
    if isinstance(value, WireEnum):
        return _render_enum(value, wire, is_number=False)
    if isinstance(value, Timestamp):
        return _render_time(value, wire)
    if isinstance(value, str) and Quirk.UPPER_CASE_IDS in wire and is_guid(value):
        return value.upper()
    return value


def _render_enum(member: WireEnum, wire: WireProfile, *, is_number: bool) -> Any:
    if Quirk.ENUM_UNKNOWN in wire:
        return UNKNOWN_NUMBER if is_number else UNKNOWN_NAME
    for quirk, format_member in _ENUM_FORMATS.items():
        if quirk in wire:
            return format_member(member)
    if Quirk.CAPITAL_CYCLES in wire and isinstance(member, BillingCycle):
        return member.pascal
    return member.number if is_number else member.value


def _render_time(timestamp: Timestamp, wire: WireProfile) -> str:
    digits = next((count for quirk, count in _FRACTION_DIGITS.items() if quirk in wire), None)
    text = timestamp.format(digits, separator=": " if Quirk.DATE_SPACES in wire else ":")
    return text.removesuffix("Z") if Quirk.DATE_WITHOUT_ZONE in wire else text
