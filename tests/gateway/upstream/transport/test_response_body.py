import gzip

import pytest

from gateway.upstream.transport.base import ResponseTooLarge
from gateway.upstream.transport.response_body import decode_body, to_utf8

JSON = '{"text":"Größe 東京"}'


@pytest.mark.parametrize(
    "body",
    [
        JSON.encode(),
        JSON.encode("utf-8-sig"),
        JSON.encode("utf-16"),
        b"\xfe\xff" + JSON.encode("utf-16-be"),
        JSON.encode("utf-32"),
        b"\x00\x00\xfe\xff" + JSON.encode("utf-32-be"),
        *(JSON.encode(f"utf-{bits}-{end}") for bits in (16, 32) for end in ("le", "be")),
    ],
    ids=range(10),
)
@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/json; charset=utf-8", 'text/json;charset="UTF-16"'],
)
def test_unicode_is_detected_by_mark_or_zeros_whatever_is_declared(
    body: bytes, content_type: str
) -> None:
    assert to_utf8(body, content_type).decode() == JSON


@pytest.mark.parametrize(
    ("charset", "encoded"),
    [
        ("ISO-8859-1", "Größe".encode("latin-1")),
        ("windows-1252", "Größe €".encode("cp1252")),
        ('"gb2312"', "中文".encode("gb2312")),
        ("utf-16", "東京".encode("utf-16-le")),
        ("utf-16be", "東京".encode("utf-16-be")),
        ("ISO-8859-1", "Größe".encode()),
    ],
)
def test_a_declared_charset_applies_unless_the_body_is_utf8(charset: str, encoded: bytes) -> None:
    read = to_utf8(encoded, f"text/plain; charset={charset}").decode()
    assert read in ("Größe", "Größe €", "東京", "中文")


@pytest.mark.parametrize(
    "charset", ["", "klingon", "unicode_escape", "zlib", "punycode", "x\0", "utf-7", "a" * 5_000]
)
def test_an_unknown_charset_changes_nothing(charset: str) -> None:
    for body in (b"caf\xe9", b"", b"{}", b"\\u0041"):
        assert to_utf8(body, f"text/plain; charset={charset}") == body


def test_a_lone_surrogate_only_costs_itself() -> None:
    assert to_utf8(b"\xff\xfea\0\0\xd8b\0", "") == b"a?b"


@pytest.mark.parametrize("body", [b"\xff\xfe broken", b"\xff\xfea"], ids=["no text", "cut"])
def test_a_body_that_contradicts_its_mark_is_not_changed(body: bytes) -> None:
    assert to_utf8(body, "").endswith(body[2:])
    assert [to_utf8(bytes(n), "") for n in range(3)] == [bytes(n) for n in range(3)]


def test_empty_gzip_members_are_rejected_before_all_are_read() -> None:
    body = gzip.compress(b"") * 500_000
    with pytest.raises(ResponseTooLarge):
        decode_body(200, body, encoding="gzip", content_type="", max_bytes=32 * 2**20)


def test_gzip_members_of_any_size_are_joined() -> None:
    texts = [bytes([n % 251]) * (n * 37) for n in range(200)] + [bytes(300_000)]
    body = b"".join(map(gzip.compress, texts))
    read = decode_body(200, body, encoding="gzip", content_type="", max_bytes=2**22)
    assert read == b"".join(texts)
