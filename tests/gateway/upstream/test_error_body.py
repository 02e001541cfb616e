import pytest

from gateway.settings.masking import MASK
from gateway.upstream.error_body import ErrorBody, parse_error_body, sanitize
from gateway.upstream.transport.base import Headers, UpstreamResponse

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"


def parse(status: int, body: bytes) -> ErrorBody:
    return parse_error_body(UpstreamResponse(status, Headers(()), body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"code":2000,"description":"Bad.","data":[],"source":"X"}', ErrorBody("2000", "Bad.")),
        (b'{"Code":"20002","Description":"No relation."}', ErrorBody("20002", "No relation.")),
        (b'\xef\xbb\xbf{"code":1000,"description":"BOM."}', ErrorBody("1000", "BOM.")),
        ('{"code":1000,"description":"BOM."}'.encode("utf-16"), ErrorBody("1000", "BOM.")),
        (b'{"code":5,"message":"Named otherwise."}', ErrorBody("5", "Named otherwise.")),
        (b'{"code":true,"description":"Odd."}', ErrorBody(None, "Odd.")),
        (b'{"code":{"a":1},"description":"Odd."}', ErrorBody(None, "Odd.")),
        (b'{"statusCode":429,"message":"In 57 seconds."}', ErrorBody(None, "In 57 seconds.")),
        (
            b'{"error":"invalid_grant","error_description":"Dead."}',
            ErrorBody("invalid_grant", "Dead."),
        ),
        (
            b"Authentication failed. MFA required. (10001)",
            ErrorBody(None, "Authentication failed. MFA required. (10001)"),
        ),
        (b'["a"]', ErrorBody(None, '["a"]')),
        (b'{"error":{"code":"900308","message":"No right."}}', ErrorBody("900308", "No right.")),
        (b'{"Error":{"Code":20002,"Message":"No."}}', ErrorBody("20002", "No.")),
        (
            b'{"error":{"code":"X","message":{"lang":"en-US","value":"Why."},"innererror":{}}}',
            ErrorBody("X", "Why."),
        ),
        (
            b'{"odata.error":{"code":"X","message":{"lang":"en","value":"Why."}}}',
            ErrorBody("X", "Why."),
        ),
        (
            b'{"type":"about:blank","title":"Forbidden","status":403,"detail":"Why.","code":7}',
            ErrorBody("7", "Why."),
        ),
        (b'{"title":"Not allowed","status":403}', ErrorBody(None, "Not allowed")),
        (
            b'{"title":"One or more errors","errors":{"Quantity":["Too many."]}}',
            ErrorBody(None, "Too many."),
        ),
        (b'{"errors":[{"code":1,"message":"A."},{"code":2}]}', ErrorBody("1", "A.")),
        (b'{"errors":["A."]}', ErrorBody(None, "A.")),
        (b'[{"errorCode":"1","errorMessage":"A."}]', ErrorBody("1", "A.")),
        (b'{"code":"","error":{"code":2,"message":"A."}}', ErrorBody("2", "A.")),
        (b'{"error":"Bad Request"}', ErrorBody(None, "Bad Request")),
        (b'{"error":"invalid_client"}', ErrorBody("invalid_client", "invalid_client")),
        (b'"Go away."', ErrorBody(None, "Go away.")),
        (b'{"code":1,"description":"half \\ud83d"}', ErrorBody("1", "half ?")),
    ],
    ids=[
        "parse with an integer code",
        "parse in PascalCase with a string code",
        "byte order mark",
        "UTF-16",
        "message for description",
        "boolean code",
        "object code",
        "throttle",
        "token endpoint",
        "plain text",
        "JSON but no object",
        "an error inside",
        "an error inside in PascalCase",
        "OData 4 with a language",
        "OData 3",
        "problem details",
        "problem details with a title alone",
        "problem details by field",
        "several errors",
        "several texts",
        "a list of errors",
        "an empty code outside",
        "a phrase for an error",
        "a name for an error",
        "a string",
        "half of a surrogate pair",
    ],
)
def test_every_form_of_error_body_is_parsed(body: bytes, expected: ErrorBody) -> None:
    assert parse(400, body) == expected


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (502, b"", "HTTP 502 (Bad Gateway)"),
        (404, b"{}", "HTTP 404 (Not Found)"),
        (404, b'{"code":1000}', "HTTP 404 (Not Found)"),
        (599, b" ", "HTTP 599 (no reason given)"),
        (400, b'{"description":["a"],"code":1}', "HTTP 400"),
    ],
)
def test_an_error_without_a_text_is_described_by_its_status(
    status: int, body: bytes, part: str
) -> None:
    assert part in parse(status, body).description


def test_invalid_text_and_json_that_is_too_deep_are_errors_too() -> None:
    assert parse(500, b"\xff\xfe broken").description.endswith("broken")
    assert parse(500, b"[" * 100_000).description.startswith("[[[")


def test_text_from_outside_becomes_one_bounded_line() -> None:
    assert sanitize("a\r\n\x00\x1b[31mb\u2028c") == "a [31mb c"
    assert len(sanitize("x" * 5000)) == 500


@pytest.mark.parametrize(
    "text", [f"Header 'Bearer {JWT}' refused", f"token {JWT}.", "bearer abcdefghijk"]
)
def test_a_token_in_the_vendors_text_is_removed(text: str) -> None:
    shown = sanitize(text)
    assert JWT not in shown
    assert "abcdefghijk" not in shown
    assert MASK in shown
