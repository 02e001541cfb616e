from codecs import BOM_UTF8

import pytest

from gateway.edge.request import GraphQLRequest, UnreadableRequest, parse_body, parse_query_string


def test_a_json_body_is_parsed() -> None:
    body = b'{"query": "{ a }", "operationName": "A", "variables": {"b": 1}, "extensions": null}'
    assert parse_body(body) == GraphQLRequest("{ a }", "A", {"b": 1}, None)


def test_a_byte_order_mark_before_json_is_ignored() -> None:
    assert parse_body(BOM_UTF8 + b'{"query": "a"}') == GraphQLRequest("a")
    assert parse_body(BOM_UTF8 + b'[{"query": "a"}]') == [GraphQLRequest("a")]
    in_address = parse_query_string(b"query=a&variables=%EF%BB%BF%7B%7D")
    assert in_address == GraphQLRequest("a", variables={})


def test_unknown_members_are_ignored() -> None:
    assert parse_body(b'{"query": "{ a }", "id": 7}') == GraphQLRequest("{ a }")


def test_an_array_is_a_list_of_requests() -> None:
    assert parse_body(b'[{"query": "{ a }"}, {"query": "{ b }"}]') == [
        GraphQLRequest("{ a }"),
        GraphQLRequest("{ b }"),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b'{"query": "a"} b', "trailing characters"),
        (b"1", "got `int`"),
        (b"null", "got `null`"),
        (b'"a"', "got `str`"),
        (b"[1]", r"got `int` - at `\$\[0\]`"),
        (b'{"query": 1}', r"Expected `str \| null`, got `int` - at `\$.query`"),
        (b'{"operationName": ["a"]}', r"got `array` - at `\$.operationName`"),
        (b'{"variables": "a"}', r"got `str` - at `\$.variables`"),
        (b'{"extensions": [1]}', r"got `array` - at `\$.extensions`"),
        (b'{"query": "\xff"}', "JSON in UTF-8: Invalid UTF-8"),
        ('{"query": "a"}'.encode("utf-16"), "JSON in UTF-8"),
        (BOM_UTF8 * 2 + b"{}", "not valid JSON"),
        (b'{"query": "\\ud800"}', "not valid JSON"),
        (b'{"variables": {"a": NaN}}', "malformed"),
        (b'{"variables": {"a": %s}}' % (b"1" * 5000), "out of range"),
        (b'{"variables": {"a": 1e999}}', "out of range"),
        (b'{"variables": {"a": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"unknown": ' + b'{"a":' * 200_000, "nested too deeply"),
    ],
    ids=[
        "empty", "cut", "two values", "number", "null", "string", "list of numbers", "query",
        "operation name", "variables", "extensions", "not UTF-8", "UTF-16", "two marks",
        "lone surrogate", "not a number",
        "huge integer", "huge float", "deep lists", "deep objects",
    ],
)  # fmt: skip
def test_the_error_says_why_a_body_is_invalid(body: bytes, why: str) -> None:
    with pytest.raises(UnreadableRequest, match=why):
        parse_body(body)


def test_a_query_string_is_parsed() -> None:
    got = parse_query_string(
        b"query=%7B+a+%7D&operationName=A&variables=%7B%22b%22%3A1%7D&extensions="
    )
    assert got == GraphQLRequest("{ a }", "A", {"b": 1}, None)


@pytest.mark.parametrize(
    ("query_string", "why"),
    [
        (b"query=%FF", "UTF-8"),
        (b"query=\xff", "UTF-8"),
        (b"a=&" * 101, "x-www-form-urlencoded"),
        (b"query=a&variables=[1]", "parameter `variables` is not"),
        (b"query=a&extensions=b", "parameter `extensions` is not"),
    ],
    ids=["encoded bytes", "raw bytes", "many fields", "variables", "extensions"],
)
def test_the_error_says_why_a_query_string_is_invalid(query_string: bytes, why: str) -> None:
    with pytest.raises(UnreadableRequest, match=why):
        parse_query_string(query_string)
