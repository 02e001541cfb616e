import pytest

from gateway.upstream.call import Call
from gateway.upstream.endpoints import GET_CUSTOMER, GET_OFFER, LIST_CUSTOMERS, LIST_OFFERS
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput

TOKEN = ("MS-ContinuationToken", "a/b=,c")


def test_arguments_are_encoded_into_the_path_and_the_query() -> None:
    call = Call(GET_OFFER, ("CFQ7TTC0LH16:0001/é?#",), (("country", "U S&"),))
    assert call.url_path == "/v1/offers/CFQ7TTC0LH16:0001%2F%C3%A9%3F%23?country=U%20S%26"


@pytest.mark.parametrize(
    "argument",
    ["", " ", ".", "..", "a\nb", "\x00", "x" * 201],
    ids=["empty", "blank", "dot", "dots", "newline", "nul", "long"],
)
def test_an_invalid_identifier_is_rejected_before_it_is_part_of_a_path(argument: str) -> None:
    with pytest.raises(UpstreamBadInput, match="identifier"):
        Call(GET_CUSTOMER, (argument,))


def test_dots_in_an_identifier_cannot_change_the_path() -> None:
    assert Call(GET_CUSTOMER, ("../offers",)).url_path == "/v1/customers/..%2Foffers"


def test_the_key_of_a_call_ignores_the_casing_of_ids() -> None:
    assert Call(GET_CUSTOMER, ("ABC",)).key == Call(GET_CUSTOMER, ("abc",)).key


@pytest.mark.parametrize(
    "other",
    [
        Call(GET_OFFER, ("b",), (("country", "US"),)),
        Call(GET_OFFER, ("a",), (("country", "DE"),)),
        Call(GET_OFFER, ("a",), (("country", "US"),), headers=(("X-Locale", "de-DE"),)),
        Call(GET_OFFER, ("a",), (("country", "US"),), body=b"{}"),
        Call(GET_CUSTOMER, ("a",), (("country", "US"),)),
    ],
    ids=["argument", "query", "header", "body", "endpoint"],
)
def test_everything_that_may_change_the_response_is_part_of_the_key(other: Call) -> None:
    assert Call(GET_OFFER, ("a",), (("country", "US"),)).key != other.key


def test_a_call_is_counted_for_its_customer_or_for_the_partner() -> None:
    assert Call(GET_CUSTOMER, ("ABC",)).customer_id == "abc"
    assert Call(GET_OFFER, ("ABC",)).customer_id is None


@pytest.mark.parametrize(
    "uri",
    [
        "/v1/customers?size=2&seekOperation=Next",
        "/customers?size=2&seekOperation=Next",
        "customers?size=2&seekOperation=Next",
        "/v1/customers?size=2?seekOperation=Next",
        "https://elsewhere.example/V1/Customers?size=2&seekOperation=Next",
    ],
    ids=["whole", "without v1", "relative", "two question marks (Q14)", "another host"],
)
def test_the_next_page_keeps_the_path_and_takes_the_query_and_headers_of_the_link(uri: str) -> None:
    first = Call(LIST_CUSTOMERS, query=(("size", "2"),), headers=(("X-Locale", "de-DE"),))
    following = first.follow_link(uri, (TOKEN,))
    assert following.url_path == "/v1/customers?size=2&seekOperation=Next"
    assert following.headers == (("X-Locale", "de-DE"), TOKEN)


def test_a_further_page_replaces_the_continuation_token() -> None:
    second = Call(LIST_CUSTOMERS, headers=(TOKEN,))
    third = second.follow_link("/customers?seekOperation=Next", (("ms-continuationtoken", "z"),))
    assert third.headers == (("ms-continuationtoken", "z"),)


def test_a_link_to_another_path_is_an_invalid_response() -> None:
    with pytest.raises(InvalidResponse, match="leads elsewhere"):
        Call(LIST_OFFERS).follow_link("/v1/customers?offset=2", ())


@pytest.mark.parametrize("value", ["b\r\nC: d", "é", "x" * 8_000])
def test_a_link_with_a_malformed_header_is_an_invalid_response(value: str) -> None:
    with pytest.raises(InvalidResponse, match="malformed"):
        Call(LIST_CUSTOMERS).follow_link("/customers", ((TOKEN[0], value),))


def test_a_link_that_is_not_a_url_is_an_invalid_response() -> None:
    with pytest.raises(InvalidResponse, match="not a URL"):
        Call(LIST_CUSTOMERS).follow_link("http://[::1/customers", ())


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Host",
        "MS-RequestId",
        "ms-correlationid",
        "Proxy-Authorization",
        "X-HTTP-Method-Override",
        "x-ms-customeruser-upn",
        "A\n",
        "bad name",
    ],
)
def test_only_the_vendors_own_headers_of_a_link_are_sent(name: str) -> None:
    assert Call(LIST_CUSTOMERS).follow_link("/customers", ((name, "x"), TOKEN)).headers == (TOKEN,)


def test_a_lone_surrogate_is_bad_input() -> None:
    with pytest.raises(UpstreamBadInput, match="surrogate"):
        Call(LIST_CUSTOMERS, query=(("filter", "\ud800"),))
