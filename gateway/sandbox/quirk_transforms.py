"""Bends objects into the attested oddities of the wire: one small function for each quirk."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.sandbox.identity import guid
from gateway.sandbox.quirks import Quirk

_Object = dict[str, Any]
UNKNOWN_NAME: Final = "not_yet_invented"
EXTRA_MEMBERS: Final[Mapping[str, Any]] = {"isBrandNew": True, "brandNew": {"values": [1, None]}}
_MIXED: Final = {
    "events": "Events",
    "fromCatalogItemId": "FromCatalogItemId",
    "toCatalogItemId": "ToCatalogItemId",
    "attributes": "Attributes",
    "targetSubscriptionId": "TargetSubscriptionID",
    "id": "Id",
}
_OPTIONAL_TEXTS: Final = {
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


def _without_links(body: _Object) -> _Object:
    return {key: each for key, each in body.items() if key != "links"}


def _is_link(body: _Object) -> bool:
    return body.keys() >= {"uri", "method", "headers"}


def _versioned_link(body: _Object) -> _Object:
    if _is_link(body) and body["uri"].startswith("/") and not body["uri"].startswith("/v1"):
        return {**body, "uri": f"/v1{body['uri']}"}
    return body


def _two_question_marks(body: _Object) -> _Object:
    if _is_link(body):
        head, ampersand, tail = body["uri"].rpartition("&")
        return {**body, "uri": f"{head}?{tail}"} if ampersand else body
    return body


def _described_details(body: _Object) -> _Object:
    details = body.get("errorDetails")
    if details is None:
        return body
    return {**body, "errorDetails": _renamed(details, "message", "description")}


def _expires_after(body: _Object) -> _Object:
    return _renamed(body, "expiresAt", "expiresAfter")


def _renamed(body: _Object, old: str, new: str) -> _Object:
    return {new if key == old else key: each for key, each in body.items()}


def _is_fault(body: _Object) -> bool:
    return body.keys() >= {"code", "description", "source"}


def _code_as_text(body: _Object) -> _Object:
    return {**body, "code": str(body["code"])} if _is_fault(body) else body


def _without_data(body: _Object) -> _Object:
    if not _is_fault(body):
        return body
    return {key: each for key, each in body.items() if key != "data"}


def _type_of(body: _Object) -> str:
    attributes = body.get("attributes")
    return str(attributes.get("objectType")) if isinstance(attributes, dict) else ""


def _transition_array(body: _Object) -> _Object:
    items = body.get("items")
    if not items or _type_of(items[0]) != "Transition":
        return body
    body = _renamed(body, "items", "transition")
    return {key: each for key, each in body.items() if key != "totalCount"}


def _empty_texts(body: _Object) -> _Object:
    return {**dict.fromkeys(_OPTIONAL_TEXTS.get(_type_of(body), ()), ""), **body}


def _nulls(body: _Object) -> _Object:
    return {**dict.fromkeys(_OPTIONAL_TEXTS.get(_type_of(body), ())), **body}


def _learn_more_missing(body: _Object) -> _Object:
    if "learnMore" not in body:
        return body
    return {**body, "learnMore": {"method": "GET", "headers": []}}


def _learn_more_space(body: _Object) -> _Object:
    learn_more = body.get("learnMore")
    if learn_more is None or "uri" not in learn_more:
        return body
    uri = learn_more["uri"].replace("http://", "http: //")
    return {**body, "learnMore": {**learn_more, "uri": uri}}


def _trailing_space(body: _Object) -> _Object:
    is_event = _type_of(body) == "TransitionEvent"
    return {**body, "status": f"{body['status']} "} if is_event else body


def _sdk_event(body: _Object) -> _Object:
    if _type_of(body) != "TransitionEvent":
        return body
    name = body["name"].replace("License", "Seat")
    return {**body, "name": name, "status": body["status"].replace("Started", "InProgress")}


def _unknown_state(body: _Object) -> _Object:
    has_state = isinstance(body.get("status"), str)
    return {**body, "status": UNKNOWN_NAME} if has_state else body


def _other_customer(body: _Object) -> _Object:
    if body.keys() >= {"customerId", "isEligible"}:
        return {**body, "customerId": guid("other", body["customerId"])}
    return body


def _extra_members(body: _Object) -> _Object:
    return {**body, **EXTRA_MEMBERS}


def _missing_arrays(body: _Object) -> _Object:
    return {key: each for key, each in body.items() if each != []}


def _newest_first(body: _Object) -> _Object:
    is_transition = _type_of(body) == "Transition"
    return {**body, "events": body["events"][::-1]} if is_transition else body


def _without_reasons(body: _Object) -> _Object:
    if body.get("isEligible") is not False:
        return body
    reasons = {"errors", "upgradeErrors", "reason"}
    return {key: each for key, each in body.items() if key not in reasons}


BENDS: Final[Mapping[Quirk, Callable[[_Object], _Object]]] = {
    Quirk.LINKS_WITH_VERSION: _versioned_link,
    Quirk.LINKS_TWO_QUESTION_MARKS: _two_question_marks,
    Quirk.LINKS_MISSING: _without_links,
    Quirk.ERROR_DETAILS_DESCRIPTION: _described_details,
    Quirk.EXPIRES_AFTER: _expires_after,
    Quirk.FAULT_CODE_STRING: _code_as_text,
    Quirk.FAULT_WITHOUT_DATA: _without_data,
    Quirk.TRANSITION_ARRAY: _transition_array,
    Quirk.EMPTY_STRINGS: _empty_texts,
    Quirk.NULLS: _nulls,
    Quirk.LEARN_MORE_MISSING: _learn_more_missing,
    Quirk.LEARN_MORE_SPACE: _learn_more_space,
    Quirk.SDK_EVENT_NAMES: _sdk_event,
    Quirk.TRAILING_SPACES: _trailing_space,
    Quirk.ENUM_UNKNOWN: _unknown_state,
    Quirk.OTHER_CUSTOMER: _other_customer,
    Quirk.EXTRA_MEMBERS: _extra_members,
    Quirk.MISSING_ARRAYS: _missing_arrays,
    Quirk.EVENTS_NEWEST_FIRST: _newest_first,
    Quirk.REASONS_MISSING: _without_reasons,
}
"""In this order, from the innermost object out."""

RENAMES: Final[Mapping[Quirk, Callable[[str], str]]] = {
    Quirk.MIXED_CASE: lambda name: _MIXED.get(name, name),
    Quirk.PASCAL_CASE: lambda name: name[:1].upper() + name[1:],
}
"""New names for every member, once nothing needs the old ones any more."""
