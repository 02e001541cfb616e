import json

from gateway.upstream.call import Call
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_OFFERS, PRODUCT_UPGRADE_ELIGIBILITY
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)

CALL = Call(GET_CUSTOMER, ("customer-1",))


async def test_a_read_sends_the_headers_of_the_contract_and_decodes_the_response() -> None:
    transport = ScriptedTransport(response(200, {"id": "customer-1"}))
    assert await build_client(transport).read(CALL, build_scope(), json.loads) == {
        "id": "customer-1"
    }
    sent = transport.requests[0]
    assert (sent.method, sent.url) == ("GET", "http://partner.test/v1/customers/customer-1")
    headers = transport.sent_headers(0)
    assert len(headers["MS-RequestId"]) == 36
    assert {name: headers[name] for name in headers if name != "ms-requestid"} == {
        "authorization": "Bearer token-1",
        "accept": "application/json",
        "ms-correlationid": "correlation-1",
        "ms-contract-version": "v1",
        "ms-partnercenter-application": "Upgrade Gateway",
        "x-locale": "en-US",
        "user-agent": headers["User-Agent"],
    }


async def test_a_locale_of_the_call_replaces_the_default() -> None:
    transport = ScriptedTransport(response())
    call = Call(LIST_OFFERS, query=(("country", "DE"),), headers=(("X-Locale", "de-DE"),))
    await build_client(transport).read(call, build_scope(), json.loads)
    locales = [value for name, value in transport.requests[0].headers if name == "X-Locale"]
    assert locales == ["de-DE"]


async def test_a_read_by_post_has_a_body_and_its_type() -> None:
    transport = ScriptedTransport(response())
    call = Call(PRODUCT_UPGRADE_ELIGIBILITY, body=b'{"customerId":"a"}')
    await build_client(transport).read(call, build_scope(), json.loads)
    assert transport.requests[0].body == b'{"customerId":"a"}'
    assert transport.sent_headers(0)["Content-Type"] == "application/json"
