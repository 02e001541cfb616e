import base64
import json

import pytest

from resolvers import preview_tokens
from resolvers.orders import UpgradeOrder
from schema.errors import InvalidInput
from schema.keys import SubscriptionKey
from schema.upgrade import UpgradeType
from tests.support.operations import FakeSigner

FACTS = "0123456789abcdef" * 2


def handed(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


MINE, THEIRS = FakeSigner("mine"), FakeSigner("theirs")
ORDER = UpgradeOrder(SubscriptionKey("c", "s"), "offer-1", UpgradeType.UPGRADE_ONLY)


async def test_an_order_has_the_content_of_its_token() -> None:
    token = await preview_tokens.create_token(MINE, FACTS, 1_700_000_000.9)
    bound = await preview_tokens.attach_preview(ORDER, token, MINE)
    assert bound.preview is not None
    assert preview_tokens.decode("previewToken", bound.preview) == (1_700_000_000, FACTS)
    assert await preview_tokens.attach_preview(ORDER, None, MINE) == ORDER


async def test_an_altered_token_is_refused() -> None:
    token = await preview_tokens.create_token(MINE, FACTS, 1_700_000_000)
    altered = {token[:at] + each + token[at + 1 :] for at in range(len(token)) for each in "A.-é"}
    shorter = {token[:at] for at in range(len(token))}
    longer = {token + each for each in ("=", "A", ".", "\n", "\0")} | {
        each + token for each in "A."
    }
    for each in (altered | shorter | longer) - {token}:
        with pytest.raises(InvalidInput, match=r"^previewToken must be a .* Make a new preview"):
            await preview_tokens.attach_preview(ORDER, each, MINE)


async def test_the_signature_covers_the_expiry_and_the_facts() -> None:
    token = await preview_tokens.create_token(MINE, FACTS, 1_700_000_000)
    signature = token.rpartition(".")[2]
    for facts, ends_at in ((FACTS, 1_731_536_000), (FACTS[::-1], 1_700_000_000)):
        forged = f"{preview_tokens.encode(facts, ends_at)}.{signature}"
        with pytest.raises(InvalidInput):
            await preview_tokens.attach_preview(ORDER, forged, MINE)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(preview_tokens.encode(FACTS, 1), id="unsigned"),
        pytest.param(f"{preview_tokens.encode(FACTS, 1)}.", id="empty signature"),
        pytest.param(f".{preview_tokens.encode(FACTS, 1)}", id="signature alone"),
        pytest.param("." * 150, id="dots"),
        pytest.param("\ud800.\ud800", id="no text"),
        pytest.param("W" * 100_000 + ".W", id="long"),
    ],
)
async def test_an_unsigned_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInput):
        await preview_tokens.attach_preview(ORDER, token, MINE)


async def test_another_principals_token_is_refused() -> None:
    token = await preview_tokens.create_token(THEIRS, FACTS, 1_700_000_000)
    with pytest.raises(InvalidInput):
        await preview_tokens.attach_preview(ORDER, token, MINE)


async def test_signed_content_is_still_validated() -> None:
    content = handed(["soon", FACTS])
    with pytest.raises(InvalidInput):
        await preview_tokens.attach_preview(ORDER, f"{content}.{await MINE.sign(content)}", MINE)


def test_decoding_is_the_inverse_of_encoding() -> None:
    token = preview_tokens.encode(FACTS, 1_700_000_000.9)
    assert preview_tokens.decode("previewToken", token) == (1_700_000_000, FACTS)


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
def test_an_invalid_token_is_quoted_with_advice(token: str) -> None:
    with pytest.raises(InvalidInput, match=r"^previewToken must be a .* not .* Make a new preview"):
        preview_tokens.decode("previewToken", token)
