import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.upstream.customer_pages import build_customers_call, find_customers_continuation
from gateway.upstream.decoding import Decoder
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.models.customer import WireCustomer
from gateway.upstream.models.resource import WireCollection
from resolvers.ports.directory import Continuation, CustomersKey
from tests.support.samples import samples

READ = Decoder(WireCollection[WireCustomer])
TOKEN = "d19617b8,a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=,0d81c700"
HEADER = ("MS-ContinuationToken", TOKEN)


def link(uri: object, *headers: dict[str, object]) -> dict[str, object]:
    return {"uri": uri, "method": "GET", "headers": list(headers)}


def page(**members: object) -> WireCollection[WireCustomer]:
    return READ(json.dumps({"items": [], **members}).encode())


def parse_query(url_path: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url_path).query))


def test_the_first_page_is_requested_with_its_size() -> None:
    assert build_customers_call(CustomersKey(40)).url_path == "/v1/customers?size=40"


def test_a_filter_is_encoded_as_documented() -> None:
    call = build_customers_call(CustomersKey(40, 'Cont"é'))
    assert parse_query(call.url_path)["size"] == "40"
    assert json.loads(parse_query(call.url_path)["filter"]) == {
        "Field": "CompanyName",
        "Value": 'Cont"é',
        "Operator": "starts_with",
    }


def test_the_documents_own_filter_is_encoded_as_documented() -> None:
    printed = samples()["list-customers-filtered.request"].path or ""
    own = build_customers_call(CustomersKey(0, "Cont")).url_path
    assert own == printed


def test_the_next_page_is_requested_as_its_link_says() -> None:
    key = CustomersKey(40, "Cont", Continuation("/customers?size=2?seekOperation=Next", (HEADER,)))
    call = build_customers_call(key)
    assert call.url_path == "/v1/customers?size=2&seekOperation=Next"
    assert call.headers == (HEADER,)


def test_a_cursor_with_a_link_to_another_path_is_bad_input() -> None:
    key = CustomersKey(40, None, Continuation("https://evil.example/v1/invoices", ()))
    with pytest.raises(UpstreamBadInput, match="cursor of a page of customers"):
        build_customers_call(key)


def test_a_page_with_a_link_to_another_path_is_an_invalid_response() -> None:
    with pytest.raises(InvalidResponse, match="leads elsewhere"):
        find_customers_continuation(page(links={"next": link("/v1/invoices")}))


NEXT = link("/customers?size=2", {"key": HEADER[0], "value": TOKEN})


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (page(), None),
        (page(links={"self": link("/customers")}), None),
        (page(links={"next": link(None)}), None),
        (page(links={"next": link("")}, continuationToken=""), None),
        (page(links={"next": NEXT}), Continuation("/customers?size=2", (HEADER,))),
        (
            page(links={"next": NEXT}, continuationToken="other"),
            Continuation("/customers?size=2", (HEADER,)),
        ),
        (
            page(links={"next": link("/customers?size=2")}, continuationToken=TOKEN),
            Continuation("/customers?size=2", (HEADER,)),
        ),
        (
            page(links={"next": link("/customers", {"key": "X"}, {"value": "y"})}),
            Continuation("/customers", ()),
        ),
        (
            page(continuationToken=TOKEN),
            Continuation("/v1/customers?seekOperation=Next", (HEADER,)),
        ),
        (
            page(links={"next": link(None)}, continuationToken=TOKEN),
            Continuation("/v1/customers?seekOperation=Next", (HEADER,)),
        ),
    ],
    ids=[
        "no links",
        "no next link",
        "a next link without address",
        "empty address and token",
        "link with its header",
        "the link's own token wins",
        "link and a token apart from it",
        "headers with a part missing",
        "a token alone",
        "a token and a link without address",
    ],
)
def test_a_page_has_the_link_to_the_next_page(
    sent: WireCollection[WireCustomer], expected: Continuation | None
) -> None:
    assert find_customers_continuation(sent) == expected


def test_the_documented_page_is_continued_by_its_link_and_token() -> None:
    printed = samples()["seek-paging-first-page.invoice-lineitems.response"].json
    uri = printed["links"]["next"]["uri"].replace("/invoices/G000024135/lineitems", "/customers")
    printed["links"]["next"]["uri"] = uri
    found = find_customers_continuation(page(**{**printed, "items": []}))
    assert found is not None
    assert found.uri == uri
    assert found.headers == (("MS-ContinuationToken", printed["continuationToken"]),)
