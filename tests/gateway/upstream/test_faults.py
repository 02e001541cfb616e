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
    ],
    ids=[
        "fault with an integer code",
        "fault in PascalCase with a string code",
        "byte order mark",
        "message for description",
        "boolean code",
        "object code",
        "throttle",
        "token endpoint",
        "plain text",
        "JSON but no object",
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
