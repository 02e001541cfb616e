"""Transforms JSON objects as the vendor's quirks do, one function for each quirk."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.sandbox.identity import guid
from gateway.sandbox.quirks import Quirk

_Object = dict[str, Any]
UNKNOWN_NAME: Final = "not_yet_invented"
EXTRA_MEMBERS: Final[Mapping[str, Any]] = {"isBrandNew": True, "brandNew": {"values": [1, None]}}
_MIXED_CASE_NAMES: Final = {
    "events": "Events",
    "fromCatalogItemId": "FromCatalogItemId",
    "toCatalogItemId": "ToCatalogItemId",
    "attributes": "Attributes",
    "targetSubscriptionId": "TargetSubscriptionID",
    "id": "Id",
}
_OPTIONAL_TEXT_MEMBERS: Final = {
    "Subscription": (
        *("entitlementId", "parentSubscriptionId", "promotionId", "partnerId", "publisherName"),
        *("termDuration", "renewalTermDuration", "productOrderId", "offerId"),
    ),
    "Customer": ("commerceId", "associatedPartnerId"),
    "CustomerCompanyProfile": ("email", "organizationRegistrationNumber"),
    "Offer": ("limitUnitOfMeasure", "salesGroupId"),
    "UpgradeError": ("additionalDetails",),
    "UpgradeResult": ("targetSubscriptionId",),
    "Transition": ("toSubscriptionId", "promotionId"),
}


def _remove_links(body: _Object) -> _Object:
    return {key: each for key, each in body.items() if key != "links"}


def _is_link(body: _Object) -> bool:
    return body.keys() >= {"uri", "method", "headers"}


def _add_version_to_link(body: _Object) -> _Object:
    if _is_link(body) and body["uri"].startswith("/") and not body["uri"].startswith("/v1"):
        return {**body, "uri": f"/v1{body['uri']}"}
    return body


def _add_second_question_mark(body: _Object) -> _Object:
    if _is_link(body):
        head, ampersand, tail = body["uri"].rpartition("&")
        return {**body, "uri": f"{head}?{tail}"} if ampersand else body
    return body


def _rename_error_message(body: _Object) -> _Object:
    details = body.get("errorDetails")
    if details is None:
        return body
    return {**body, "errorDetails": _rename_member(details, "message", "description")}


def _rename_expires_at(body: _Object) -> _Object:
    return _rename_member(body, "expiresAt", "expiresAfter")


def _rename_member(body: _Object, old: str, new: str) -> _Object:
    return {new if key == old else key: each for key, each in body.items()}


def _is_error_body(body: _Object) -> bool:
    return body.keys() >= {"code", "description", "source"}


def _convert_code_to_text(body: _Object) -> _Object:
    return {**body, "code": str(body["code"])} if _is_error_body(body) else body


def _remove_data(body: _Object) -> _Object:
    if not _is_error_body(body):
        return body
    return {key: each for key, each in body.items() if key != "data"}


def _get_object_type(body: _Object) -> str:
    build_attributes = body.get("attributes")
    return str(build_attributes.get("objectType")) if isinstance(build_attributes, dict) else ""


def _rename_transition_items(body: _Object) -> _Object:
    items = body.get("items")
    if not items or _get_object_type(items[0]) != "Transition":
        return body
    body = _rename_member(body, "items", "transition")
    return {key: each for key, each in body.items() if key != "totalCount"}


def _add_empty_texts(body: _Object) -> _Object:
    return {**dict.fromkeys(_OPTIONAL_TEXT_MEMBERS.get(_get_object_type(body), ()), ""), **body}


def _add_nulls(body: _Object) -> _Object:
    return {**dict.fromkeys(_OPTIONAL_TEXT_MEMBERS.get(_get_object_type(body), ())), **body}


def _remove_learn_more_uri(body: _Object) -> _Object:
    if "learnMore" not in body:
        return body
    return {**body, "learnMore": {"method": "GET", "headers": []}}


def _add_space_to_learn_more(body: _Object) -> _Object:
    learn_more = body.get("learnMore")
    if learn_more is None or "uri" not in learn_more:
        return body
    uri = learn_more["uri"].replace("http://", "http: //")
    return {**body, "learnMore": {**learn_more, "uri": uri}}


def _add_trailing_space(body: _Object) -> _Object:
    is_event = _get_object_type(body) == "TransitionEvent"
    return {**body, "status": f"{body['status']} "} if is_event else body


def _use_sdk_event_names(body: _Object) -> _Object:
    if _get_object_type(body) != "TransitionEvent":
        return body
    name = body["name"].replace("License", "Seat")
    return {**body, "name": name, "status": body["status"].replace("Started", "InProgress")}


def _use_unknown_status(body: _Object) -> _Object:
    has_state = isinstance(body.get("status"), str)
    return {**body, "status": UNKNOWN_NAME} if has_state else body


def _change_customer_id(body: _Object) -> _Object:
    if body.keys() >= {"customerId", "isEligible"}:
        return {**body, "customerId": guid("other", body["customerId"])}
    return body


def _add_extra_members(body: _Object) -> _Object:
    return {**body, **EXTRA_MEMBERS}


def _remove_empty_arrays(body: _Object) -> _Object:
    return {key: each for key, each in body.items() if each != []}


def _reverse_events(body: _Object) -> _Object:
    is_transition = _get_object_type(body) == "Transition"
    return {**body, "events": body["events"][::-1]} if is_transition else body


def _remove_reasons(body: _Object) -> _Object:
    if body.get("isEligible") is not False:
        return body
    reasons = {"errors", "upgradeErrors", "reason"}
    return {key: each for key, each in body.items() if key not in reasons}


TRANSFORMS: Final[Mapping[Quirk, Callable[[_Object], _Object]]] = {
    Quirk.LINKS_WITH_VERSION: _add_version_to_link,
    Quirk.LINKS_TWO_QUESTION_MARKS: _add_second_question_mark,
    Quirk.LINKS_MISSING: _remove_links,
    Quirk.ERROR_DETAILS_DESCRIPTION: _rename_error_message,
    Quirk.EXPIRES_AFTER: _rename_expires_at,
    Quirk.FAULT_CODE_STRING: _convert_code_to_text,
    Quirk.FAULT_WITHOUT_DATA: _remove_data,
    Quirk.TRANSITION_ARRAY: _rename_transition_items,
    Quirk.EMPTY_STRINGS: _add_empty_texts,
    Quirk.NULLS: _add_nulls,
    Quirk.LEARN_MORE_MISSING: _remove_learn_more_uri,
    Quirk.LEARN_MORE_SPACE: _add_space_to_learn_more,
    Quirk.SDK_EVENT_NAMES: _use_sdk_event_names,
    Quirk.TRAILING_SPACES: _add_trailing_space,
    Quirk.ENUM_UNKNOWN: _use_unknown_status,
    Quirk.OTHER_CUSTOMER: _change_customer_id,
    Quirk.EXTRA_MEMBERS: _add_extra_members,
    Quirk.MISSING_ARRAYS: _remove_empty_arrays,
    Quirk.EVENTS_NEWEST_FIRST: _reverse_events,
    Quirk.REASONS_MISSING: _remove_reasons,
}
"""Applied in this order to each object, innermost objects first."""

MEMBER_RENAMES: Final[Mapping[Quirk, Callable[[str], str]]] = {
    Quirk.MIXED_CASE: lambda name: _MIXED_CASE_NAMES.get(name, name),
    Quirk.PASCAL_CASE: lambda name: name[:1].upper() + name[1:],
}
"""Renames of all members. They come last, because the transforms need the original names."""
