"""Arguments: how they are described, and how they are read.

What came is right, or the message says what was expected.
"""

import re
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
    str, strawberry.argument(description="Market whose catalog is read, ISO 3166 two letters.")
]
Locale = Annotated[str, strawberry.argument(description="Language of names and descriptions.")]
DEFAULT_PAGE_SIZE: Final = 20
"""A page of pages, and a call for each of what these hold, are within the calls of one request."""
First = Annotated[int, strawberry.argument(description="How many at most, from 1 up.")]
After = Annotated[
    str | None,
    strawberry.argument(description="A cursor to continue behind; none: from the start."),
]

ProductUpgradeArgument = Annotated[
    ProductUpgradeRequest, strawberry.argument(description="Whose products, and of which family.")
]
UpgradeId = Annotated[strawberry.ID, strawberry.argument(description="The upgrade's id, a GUID.")]

_OFFER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?-([A-Za-z]{2}|[0-9]{3})")
_CATALOG_ITEM: Final = re.compile(r"[A-Za-z0-9]{1,40}(:[A-Za-z0-9]{1,40}){2}")
_MAX_NOTE_CHARS: Final = 1000
_LINE_NUMBER: Final = re.compile(r"#[0-9]+\Z")
_MAX_KEY_CHARS: Final = 255
_MAX_ATTRIBUTE_CHARS: Final = 255
_PRODUCT_FAMILY: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,63}")


def parse_guid(name: str, value: str) -> str:
    """Return a GUID as it came; the vendor compares them without case."""
    if GUID.fullmatch(value):
        return value
    raise _invalid(name, f"a GUID such as {EXAMPLE_GUID}", value)


def parse_offer_id(name: str, value: str) -> str:
    """Return the id of a legacy offer. New commerce items are not in this catalog."""
    if _OFFER_ID.fullmatch(value):
        return value
    raise _invalid(name, "the id of a legacy offer, a GUID or MS-AZR-…", value)


def parse_category_id(name: str, value: str) -> str:
    """Return the id of a category, such as `Enterprise_Key`."""
    if _OFFER_ID.fullmatch(value):
        return value
    raise _invalid(name, "the id of one of offerCategories, such as Enterprise_Key", value)


def parse_market(country: str, locale: str) -> Market:
    """Return a market whose parts are well formed; whether it is sold in, the vendor knows."""
    if not _COUNTRY.fullmatch(country):
        raise _invalid("country", "two letters of ISO 3166 such as US", country)
    if not _LOCALE.fullmatch(locale):
        raise _invalid("locale", "a language and a country such as en-US", locale)
    return Market(country, locale)


def parse_catalog_item_id(name: str, value: str) -> str:
    """Return the id of a new commerce catalog item."""
    if _CATALOG_ITEM.fullmatch(value):
        return value
    raise _invalid(name, "a catalog item such as CFQ7TTC0LF8Q:0001:CFQ7TTC0KDLJ", value)


def parse_note(name: str, value: str) -> str:
    """Return a text that people write for people."""
    if 1 <= len(value.strip()) <= _MAX_NOTE_CHARS:
        return value.strip()
    raise InvalidInput(f"{name} is 1 to {_MAX_NOTE_CHARS} characters, not {len(value)}.")


def parse_idempotency_key(name: str, value: str) -> str:
    """Return a key that can be stored, logged and read out over the telephone.

    A key may stand for one thing only, so none is like that of a batch's line.
    """
    if _LINE_NUMBER.search(value):
        raise InvalidInput(
            f"{name} ends in # and a number, as the keys of a batch's lines do: {quote(value)}."
            " Choose another one."
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
        raise InvalidInput(f"{name} has characters that cannot be printed: {quote(value)}.")
    if value.strip() and len(value) <= _MAX_KEY_CHARS:
        return value
    raise InvalidInput(
        f"{name} is 1 to {_MAX_KEY_CHARS} characters, not {len(value)}: {quote(value)}."
    )


def parse_product_family(name: str, value: str) -> str:
    """Return a product family, such as `azure`."""
    if _PRODUCT_FAMILY.fullmatch(value):
        return value
    raise _invalid(name, "a product family such as azure", value)


def parse_request_attributes(
    name: str, value: ResourceAttributesInput | None
) -> RequestAttributes | None:
    """Return attributes of a request, printable and of at most 255 characters each."""
    if value is None:
        return None
    for member, text in (("etag", value.etag), ("objectType", value.object_type)):
        if text is not None and not (text.isprintable() and len(text) <= _MAX_ATTRIBUTE_CHARS):
            raise _invalid(f"{name}.{member}", "up to 255 printable characters", text)
    return RequestAttributes(value.etag, value.object_type)


def parse_product_upgrade_key(request: ProductUpgradeRequest) -> ProductUpgradeKey:
    """Check whose products are meant."""
    return ProductUpgradeKey(
        parse_guid("request.customerId", request.customer_id),
        parse_product_family("request.productFamily", request.product_family),
        parse_request_attributes("request.attributes", request.attributes),
    )


def parse_product_upgrade_status_key(
    upgrade_id: str, request: ProductUpgradeRequest
) -> ProductUpgradeStatusKey:
    """Check which upgrade is meant: the vendor asks for the customer and the family again."""
    return ProductUpgradeStatusKey(
        parse_guid("upgradeId", upgrade_id), parse_product_upgrade_key(request)
    )


def _invalid(name: str, expected: str, value: str) -> InvalidInput:
    return InvalidInput(f"{name} is {expected}, not {quote(value)}.")
