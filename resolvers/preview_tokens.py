"""Tokens of previews: what was shown, until when it holds, and a signature for its principal.

The order that was shown is part of the facts. An operation keeps what a token says without its
signature, which was checked before it was recorded.
"""

import base64
import hmac
from dataclasses import replace
from typing import Annotated, Final

import msgspec

from resolvers.orders import UpgradeOrder
from resolvers.ports.preview_signer import PreviewSigner
from schema.errors import InvalidInput
from schema.quoting import quote

_EndsAt = Annotated[int, msgspec.Meta(ge=0)]
_Facts = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
_DECODER: Final = msgspec.json.Decoder(tuple[_EndsAt, _Facts])
_MAX_CHARS: Final = 200


async def create_token(signer: PreviewSigner, facts: str, expires_at: float) -> str:
    """Make the token of a preview. Raises OperationsUnavailable while it cannot be signed."""
    content = encode(facts, expires_at)
    return f"{content}.{await signer.sign(content)}"


async def verify_token(signer: PreviewSigner, name: str, token: str) -> str:
    """Return what a token says, packed.

    Raises:
        InvalidInput: no preview of this principal gave it.
        OperationsUnavailable: it cannot be told.
    """
    content, _, signature = token.rpartition(".")
    if len(token) > _MAX_CHARS or not token.isascii() or not content:
        raise _invalid_token(name, token)
    # Texts are compared, not the bytes they stand for: several Base64 texts stand for the same.
    if not hmac.compare_digest(await signer.sign(content), signature):
        raise _invalid_token(name, token)
    decode(name, content)
    return content


async def attach_preview(
    order: UpgradeOrder, token: str | None, signer: PreviewSigner
) -> UpgradeOrder:
    """Hold an order to the preview whose token came with it.

    Raises:
        InvalidInput: no preview of this principal gave the token.
        OperationsUnavailable: the token cannot be checked now.
    """
    if token is None:
        return order
    return replace(order, preview=await verify_token(signer, "previewToken", token))


def encode(facts: str, expires_at: float) -> str:
    """Pack facts and an end."""
    token = base64.urlsafe_b64encode(msgspec.json.encode((int(expires_at), facts)))
    return token.decode().rstrip("=")


def decode(name: str, content: str) -> tuple[int, str]:
    """Return the end and the facts. Raises InvalidInput for what no preview can have packed."""
    padded = content + "=" * (-len(content) % 4)
    try:
        return _DECODER.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, msgspec.DecodeError):
        raise _invalid_token(name, content) from None


def _invalid_token(name: str, token: str) -> InvalidInput:
    expected = "a previewToken that upgradePreview gave you"
    came = f"{quote(token)}; look at a new preview, or leave it out"
    return InvalidInput(f"{name} is {expected}, not {came}.")
