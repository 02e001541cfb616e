import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InvalidInput
from schema.node import Node, decode_node_id, encode_node_id


@given(st.text(), st.lists(st.text()))
def test_an_id_tells_the_type_and_the_ids_it_was_made_of(name: str, parts: list[str]) -> None:
    assert decode_node_id(encode_node_id(name, *parts)) == (name, tuple(parts))


def test_an_id_is_safe_in_an_address() -> None:
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
def test_an_id_that_was_never_handed_out_is_refused_with_a_line_of_it(node_id: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        decode_node_id(node_id)
    assert repr(node_id[:80]) in str(problem.value)


def test_a_node_that_does_not_say_its_id_is_a_mistake_of_ours() -> None:
    class Nameless(Node):
        pass

    with pytest.raises(TypeError, match="Nameless is a Node without a nodeId"):
        Nameless().node_id()
