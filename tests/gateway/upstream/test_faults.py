import pytest

from gateway.settings.masking import MASK
from gateway.upstream.faults import Fault, printable, read_fault
from gateway.upstream.transport import Answer, Headers

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"


def fault(status: int, body: bytes) -> Fault:
    return read_fault(Answer(status, Headers(()), body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"code":2000,"description":"Bad.","data":[],"source":"X"}', Fault("2000", "Bad.")),
        (b'{"Code":"20002","Description":"No relation."}', Fault("20002", "No relation.")),
        (b'\xef\xbb\xbf{"code":1000,"description":"BOM."}', Fault("1000", "BOM.")),
        ('{"code":1000,"description":"BOM."}'.encode("utf-16"), Fault("1000", "BOM.")),
        (b'{"code":5,"message":"Named otherwise."}', Fault("5", "Named otherwise.")),
        (b'{"code":true,"description":"Odd."}', Fault(None, "Odd.")),
        (b'{"code":{"a":1},"description":"Odd."}', Fault(None, "Odd.")),
        (b'{"statusCode":429,"message":"In 57 seconds."}', Fault(None, "In 57 seconds.")),
        (
            b'{"error":"invalid_grant","error_description":"Dead."}',
            Fault("invalid_grant", "Dead."),
        ),
        (
            b"Authentication failed. MFA required. (10001)",
            Fault(None, "Authentication failed. MFA required. (10001)"),
        ),
        (b'["a"]', Fault(None, '["a"]')),
        (b'{"error":{"code":"900308","message":"No right."}}', Fault("900308", "No right.")),
        (b'{"Error":{"Code":20002,"Message":"No."}}', Fault("20002", "No.")),
        (
            b'{"error":{"code":"X","message":{"lang":"en-US","value":"Why."},"innererror":{}}}',
            Fault("X", "Why."),
        ),
        (
            b'{"odata.error":{"code":"X","message":{"lang":"en","value":"Why."}}}',
            Fault("X", "Why."),
        ),
        (
            b'{"type":"about:blank","title":"Forbidden","status":403,"detail":"Why.","code":7}',
            Fault("7", "Why."),
        ),
        (b'{"title":"Not allowed","status":403}', Fault(None, "Not allowed")),
        (
            b'{"title":"One or more errors","errors":{"Quantity":["Too many."]}}',
            Fault(None, "Too many."),
        ),
        (b'{"errors":[{"code":1,"message":"A."},{"code":2}]}', Fault("1", "A.")),
        (b'{"errors":["A."]}', Fault(None, "A.")),
        (b'[{"errorCode":"1","errorMessage":"A."}]', Fault("1", "A.")),
        (b'{"code":"","error":{"code":2,"message":"A."}}', Fault("2", "A.")),
        (b'{"error":"Bad Request"}', Fault(None, "Bad Request")),
        (b'{"error":"invalid_client"}', Fault("invalid_client", "invalid_client")),
        (b'"Go away."', Fault(None, "Go away.")),
        (b'{"code":1,"description":"half \\ud83d"}', Fault("1", "half ?")),
    ],
    ids=[
        "fault with an integer code",
        "fault in PascalCase with a string code",
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
def test_every_shape_of_a_refusal_is_read(body: bytes, expected: Fault) -> None:
    assert fault(400, body) == expected


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
def test_a_refusal_without_a_text_is_described_by_its_status(
    status: int, body: bytes, part: str
) -> None:
    assert part in fault(status, body).description


def test_bytes_that_are_no_text_and_json_too_deep_are_refusals_all_the_same() -> None:
    assert fault(500, b"\xff\xfe broken").description.endswith("broken")
    assert fault(500, b"[" * 100_000).description.startswith("[[[")


def test_foreign_text_is_one_bounded_line() -> None:
    assert printable("a\r\n\x00\x1b[31mb\u2028c") == "a [31mb c"
    assert len(printable("x" * 5000)) == 500


@pytest.mark.parametrize(
    "text", [f"Header 'Bearer {JWT}' refused", f"token {JWT}.", "bearer abcdefghijk"]
)
def test_a_token_that_the_vendor_quotes_is_removed(text: str) -> None:
    shown = printable(text)
    assert JWT not in shown
    assert "abcdefghijk" not in shown
    assert MASK in shown
