import base64
import json

import pytest

from resolvers import preview_tokens
from schema.problems import BadInput

FACTS = "0123456789abcdef" * 2


def handed(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_token_tells_what_was_packed() -> None:
    token = preview_tokens.packed(FACTS, 1_700_000_000.9)
    assert preview_tokens.unpacked("previewToken", token) == (1_700_000_000, FACTS)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="no JSON"),
        pytest.param("añc", id="no ASCII"),
        pytest.param("a b!", id="no base64"),
        pytest.param(handed([]), id="empty list"),
        pytest.param(handed(["soon", FACTS]), id="no instant"),
        pytest.param(handed([-(10**20), FACTS]), id="before the epoch"),
        pytest.param(handed([True, FACTS]), id="a boolean"),
        pytest.param(handed([1, "facts"]), id="no digest"),
        pytest.param(handed([1, FACTS + "\n"]), id="a digest and more"),
        pytest.param("W" * 100_000, id="long"),
        pytest.param(base64.b64encode(b"[" * 99_999).decode(), id="deep"),
    ],
)
def test_what_no_preview_gave_is_named_with_the_cure(token: str) -> None:
    with pytest.raises(BadInput, match=r"^previewToken is a .* not .*; look at a new preview"):
        preview_tokens.unpacked("previewToken", token)
