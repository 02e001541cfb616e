import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InvalidInput
from schema.node import Node, decode_node_id, encode_node_id


@given(st.text(), st.lists(st.text()))
def test_a_node_id_decodes_to_its_type_and_ids(name: str, parts: list[str]) -> None:
    assert decode_node_id(encode_node_id(name, *parts)) == (name, tuple(parts))


def test_a_node_id_is_url_safe() -> None:
    assert set("+/=") & set(encode_node_id("Offer", "ÿ~?", "US", "en-US")) == set()


def _packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode()


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "x",
        "!!!!",
        "Ünicode",
        _packed(b"{"),
        _packed(b"[]"),
        _packed(b"5"),
        _packed(b"[1]"),
        _packed(b'["Customer", 1]'),
        _packed(b'["Customer", null]'),
        _packed(b"\xff"),
        _packed(b"[" * 200_000),
    ],
    ids=lambda node_id: node_id[:12],
)
def test_an_invalid_node_id_is_quoted(node_id: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        decode_node_id(node_id)
    assert repr(node_id[:80]) in str(problem.value)


def test_a_node_type_without_a_node_id_is_an_error() -> None:
    class Nameless(Node):
        pass

    with pytest.raises(TypeError, match="Nameless is a Node without a nodeId"):
        Nameless().node_id()
