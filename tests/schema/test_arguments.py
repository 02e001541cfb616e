import pytest

from schema import arguments
from schema.errors import InvalidInput
from schema.keys import Market

GUID = "eebd1b55-5360-4438-a11d-5c06918c3014"


@pytest.mark.parametrize("value", [GUID, GUID.upper()])
def test_a_guid_is_returned_unchanged(value: str) -> None:
    assert arguments.parse_guid("id", value) == value


@pytest.mark.parametrize(
    "value", ["", "x", GUID[:-1], f"{GUID} ", f"{GUID}\n", f"{{{GUID}}}", "../" + GUID, "٣" * 36]
)
def test_an_invalid_guid_is_quoted(value: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        arguments.parse_guid("customerId", value)
    assert str(problem.value).startswith("customerId must be a GUID such as ")
    assert repr(value[:80]) in str(problem.value)


@pytest.mark.parametrize("value", [GUID, "MS-AZR-0145P", "Enterprise_Key"])
def test_offer_and_category_ids_are_accepted(value: str) -> None:
    assert arguments.parse_offer_id("id", value) == value
    assert arguments.parse_category_id("categoryId", value) == value


@pytest.mark.parametrize("value", ["", "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "-a", "a/b", "a" * 65])
def test_invalid_offer_and_category_ids_are_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="id must be the id of a legacy offer"):
        arguments.parse_offer_id("id", value)
    with pytest.raises(InvalidInput, match="categoryId must be the id of one of offerCategories"):
        arguments.parse_category_id("categoryId", value)


@pytest.mark.parametrize("locale", ["en-US", "EN-us", "zh-Hans-CN", "es-419"])
def test_a_market_is_a_country_and_a_locale(locale: str) -> None:
    assert arguments.parse_market("us", locale) == Market("us", locale)


@pytest.mark.parametrize(
    ("country", "locale", "message"),
    [
        ("", "en-US", "country must be an ISO 3166 code"),
        ("USA", "en-US", "country must be an ISO 3166 code"),
        ("U1", "en-US", "country must be an ISO 3166 code"),
        ("US", "", "locale must be a language and a country"),
        ("US", "en", "locale must be a language and a country"),
        ("US", "en_US", "locale must be a language and a country"),
        ("US", "en-US\r\nX-Evil: 1", "locale must be a language and a country"),
    ],
)
def test_a_malformed_market_is_refused(country: str, locale: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        arguments.parse_market(country, locale)


@pytest.mark.parametrize("value", ["azure", "Azure", "Azure plan"])
def test_a_product_family_is_accepted(value: str) -> None:
    assert arguments.parse_product_family("productFamily", value) == value


@pytest.mark.parametrize("value", ["", " azure", "azure;", "a" * 65])
def test_an_invalid_product_family_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="productFamily must be a product family such as azure"):
        arguments.parse_product_family("productFamily", value)


def test_a_message_quotes_at_most_a_line_of_input() -> None:
    with pytest.raises(InvalidInput) as problem:
        arguments.parse_guid("id", "x" * 10_000)
    assert len(str(problem.value)) < 200


@pytest.mark.parametrize("key", ["k", "order-4711", "#", "#x", "7", "a#7b", "k" * 255])
def test_a_key_is_printable(key: str) -> None:
    assert (
        arguments.parse_idempotency_key("key", key)
        == arguments.parse_operation_key("key", key)
        == key
    )


@pytest.mark.parametrize("key", ["renewals#1", "a#07", "a#1#2", "k" * 255 + "#5000"])
def test_the_key_of_a_line_cannot_be_chosen_but_can_be_looked_up(key: str) -> None:
    with pytest.raises(InvalidInput, match="must not end in # followed by digits"):
        arguments.parse_idempotency_key("key", key)
    assert arguments.parse_operation_key("key", key) == key


@pytest.mark.parametrize("key", ["", " ", "line\nfeed", "k" * 256, "#7"])
def test_an_unprintable_or_long_key_is_refused(key: str) -> None:
    for read in (arguments.parse_idempotency_key, arguments.parse_operation_key):
        with pytest.raises(InvalidInput, match=r"^key "):
            read("key", key)
