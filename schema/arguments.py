"""Arguments: their descriptions, and the functions that validate them.

Each function raises InvalidInput with the argument's name as the message's first word.
"""

import re
from functools import lru_cache
from typing import Annotated, Final

import strawberry

from schema.errors import InvalidInput
from schema.guids import EXAMPLE_GUID, GUID
from schema.keys import (
    Market,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    RequestAttributes,
)
from schema.product_upgrade import ProductUpgradeRequest
from schema.quoting import quote
from schema.resource import ResourceAttributesInput

CustomerId = Annotated[
    strawberry.ID, strawberry.argument(description="The customer's tenant id, a GUID.")
]
Country = Annotated[
    str,
    strawberry.argument(
        description=(
            "The market whose catalog is read: an ISO 3166 code of two letters, such as `US`."
        )
    ),
]
Locale = Annotated[
    str,
    strawberry.argument(
        description=(
            "The language of names and descriptions: a language and a country, such as `en-US`."
        )
    ),
]
DEFAULT_PAGE_SIZE: Final = 20
"""Small enough for a page within a page, with one call for each node, in one request."""
First = Annotated[
    int, strawberry.argument(description="The maximum number of nodes on the page, from 1.")
]
After = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "The cursor after which the page begins: an `endCursor` or `cursor` of"
            " the same connection. Starts with the first node if omitted."
        )
    ),
]

ProductId = Annotated[
    strawberry.ID, strawberry.argument(description="The product's id, such as `CFQ7TTC0LH18`.")
]
ProductUpgradeArgument = Annotated[
    ProductUpgradeRequest, strawberry.argument(description="The customer and the product family.")
]
UpgradeId = Annotated[
    strawberry.ID, strawberry.argument(description="The product upgrade's id, a GUID.")
]

_OFFER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?-([A-Za-z]{2}|[0-9]{3})")
_CATALOG_ITEM: Final = re.compile(r"[A-Za-z0-9]{1,40}(:[A-Za-z0-9]{1,40}){2}")
_CATALOG_ID: Final = re.compile(r"[A-Za-z0-9]{1,40}")
_TERM: Final = re.compile(r"P[0-9]{1,2}[MY]", re.IGNORECASE)
_MAX_NOTE_CHARS: Final = 1000
_LINE_NUMBER: Final = re.compile(r"#[0-9]+\Z")
_MAX_KEY_CHARS: Final = 255
_MAX_ATTRIBUTE_CHARS: Final = 255
_PRODUCT_FAMILY: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,63}")


def parse_guid(name: str, value: str) -> str:
    """Return `value` unchanged if it is a GUID. Partner Center ignores the letter case of GUIDs."""
    if GUID.fullmatch(value):
        return value
    raise _invalid(name, f"a GUID such as {EXAMPLE_GUID}", value)


def parse_offer_id(name: str, value: str) -> str:
    """Return the id if it is that of a legacy offer, not of a new commerce item."""
    if _OFFER_ID.fullmatch(value):
        return value
    raise _invalid(name, "the id of a legacy offer: a GUID or MS-AZR-…", value)


def parse_category_id(name: str, value: str) -> str:
    if _OFFER_ID.fullmatch(value):
        return value
    raise _invalid(name, "the id of one of offerCategories such as Enterprise_Key", value)


@lru_cache(maxsize=64)  # a page of subscriptions asks for few markets, many times
def parse_market(country: str, locale: str) -> Market:
    """Return a market with a well-formed country and locale, which may not exist."""
    if not _COUNTRY.fullmatch(country):
        raise _invalid("country", "an ISO 3166 code of two letters such as US", country)
    if not _LOCALE.fullmatch(locale):
        raise _invalid("locale", "a language and a country such as en-US", locale)
    return Market(country, locale)


def parse_catalog_item_id(name: str, value: str) -> str:
    if _CATALOG_ITEM.fullmatch(value):
        return value
    raise _invalid(name, "a catalog item such as CFQ7TTC0LF8Q:0001:CFQ7TTC0KDLJ", value)


def parse_catalog_id(name: str, value: str) -> str:
    """Return the id if it may be that of a product or SKU of new commerce."""
    if _CATALOG_ID.fullmatch(value):
        return value
    raise _invalid(name, "an id of letters and digits such as CFQ7TTC0LH18", value)


def parse_term_duration(name: str, value: str) -> str:
    if _TERM.fullmatch(value):
        return value.upper()
    raise _invalid(name, "a term: P1M, P1Y or P3Y", value)


def parse_note(name: str, value: str) -> str:
    """Return the note without surrounding white space. Raises InvalidInput if it is too long."""
    if 1 <= len(value.strip()) <= _MAX_NOTE_CHARS:
        return value.strip()
    raise InvalidInput(f"{name} must have 1 to {_MAX_NOTE_CHARS} characters, not {len(value)}.")


def parse_idempotency_key(name: str, value: str) -> str:
    """Return the key if a caller may choose it: not if it looks like the key of a batch's line."""
    if _LINE_NUMBER.search(value):
        raise InvalidInput(
            f"{name} must not end in # followed by digits, as the keys of a batch's lines do:"
            f" {quote(value)}. Choose another key."
        )
    return _parse_key(name, value)


def parse_operation_key(name: str, value: str) -> str:
    """Return the key of an operation, which may be a line of a batch."""
    number = _LINE_NUMBER.search(value)
    if number is not None:
        _parse_key(name, value[: number.start()])
        return value
    return _parse_key(name, value)


def _parse_key(name: str, value: str) -> str:
    if not value.isprintable():
        raise InvalidInput(f"{name} must contain only printable characters: {quote(value)}.")
    if value.strip() and len(value) <= _MAX_KEY_CHARS:
        return value
    raise InvalidInput(
        f"{name} must have 1 to {_MAX_KEY_CHARS} characters, not {len(value)}: {quote(value)}."
    )


def parse_product_family(name: str, value: str) -> str:
    if _PRODUCT_FAMILY.fullmatch(value):
        return value
    raise _invalid(name, "a product family such as azure", value)


def parse_request_attributes(
    name: str, value: ResourceAttributesInput | None
) -> RequestAttributes | None:
    if value is None:
        return None
    for member, text in (("etag", value.etag), ("objectType", value.object_type)):
        if text is not None and not (text.isprintable() and len(text) <= _MAX_ATTRIBUTE_CHARS):
            raise _invalid(f"{name}.{member}", "at most 255 printable characters", text)
    return RequestAttributes(value.etag, value.object_type)


def parse_product_upgrade_key(request: ProductUpgradeRequest) -> ProductUpgradeKey:
    return ProductUpgradeKey(
        parse_guid("request.customerId", request.customer_id),
        parse_product_family("request.productFamily", request.product_family),
        parse_request_attributes("request.attributes", request.attributes),
    )


def parse_product_upgrade_status_key(
    upgrade_id: str, request: ProductUpgradeRequest
) -> ProductUpgradeStatusKey:
    return ProductUpgradeStatusKey(
        parse_guid("upgradeId", upgrade_id), parse_product_upgrade_key(request)
    )


def _invalid(name: str, expected: str, value: str) -> InvalidInput:
    return InvalidInput(f"{name} must be {expected}, not {quote(value)}.")
