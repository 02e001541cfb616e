import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InvalidInput, LimitExceeded
from schema.pagination import (
    Connection,
    _checksum,
    build_page_info,
    decode_cursor,
    encode_cursor,
    validate_first,
)

NAMED = ["subscriptions", "customer-1"]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(JSON_VALUES)
def test_a_cursor_decodes_to_its_position(position: object) -> None:
    assert decode_cursor(encode_cursor(NAMED, position), NAMED) == position


@pytest.mark.parametrize(
    "other",
    [["offers", "customer-1"], ["subscriptions", "customer-2"], ["subscriptions"], []],
    ids=str,
)
def test_a_cursor_of_another_connection_is_refused(other: list[str]) -> None:
    with pytest.raises(InvalidInput, match="this connection returned"):
        decode_cursor(encode_cursor(other, 3), NAMED)


@pytest.mark.parametrize("index", range(len(encode_cursor(NAMED, 12))))
def test_a_cursor_with_one_letter_altered_is_refused(index: int) -> None:
    cursor = encode_cursor(NAMED, 12)
    letter = "A" if cursor[index] != "A" else "B"
    with pytest.raises(InvalidInput):
        decode_cursor(cursor[:index] + letter + cursor[index + 1 :], NAMED)


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!!", "Ünicode", "AAAA", "QUJD" * 5000, " ", encode_cursor([], 1)[:-1]]
)
def test_an_invalid_cursor_is_quoted(cursor: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        decode_cursor(cursor, NAMED)
    assert repr(cursor[:80]) in str(problem.value)


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff", b"[" * 200_000], ids=len)
def test_a_forged_cursor_without_json_is_refused(payload: bytes) -> None:

    forged = base64.urlsafe_b64encode(_checksum(NAMED, payload) + payload).decode()
    with pytest.raises(InvalidInput):
        decode_cursor(forged, NAMED)


@pytest.mark.parametrize("first", [1, 50, 100])
def test_first_within_its_range_is_accepted(first: int) -> None:
    assert validate_first(first, 100) == first


@pytest.mark.parametrize("first", [-1, 0])
def test_first_below_its_range_is_named(first: int) -> None:
    with pytest.raises(InvalidInput, match=f"first must be at least 1, not {first}."):
        validate_first(first, 100)


def test_first_beyond_the_largest_page_is_a_limit() -> None:
    with pytest.raises(LimitExceeded, match="first must be 1 to 100, not 101") as caught:
        validate_first(101, 100)
    assert (caught.value.rule, caught.value.maximum) == ("page_size", 100)


def test_edges_pair_nodes_with_the_cursors_of_the_page() -> None:
    info = build_page_info(2, str, has_next=True, has_previous=False)
    page = Connection(nodes=["a", "b"], page_info=info, cursor_at=str)
    assert [(edge.cursor, edge.node) for edge in page.edges()] == [("0", "a"), ("1", "b")]
    assert (info.start_cursor, info.end_cursor) == ("0", "1")
    assert (info.has_next_page, info.has_previous_page) == (True, False)


def test_an_empty_page_has_no_cursors() -> None:
    info = build_page_info(0, str, has_next=False, has_previous=True)
    assert info.start_cursor is info.end_cursor is None
