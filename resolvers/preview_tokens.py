"""Preview tokens: a digest of what a preview showed, an expiry time and a signature.

The digest includes the order. The signature is valid for one principal. An operation stores a
token without its signature, which is verified before.
"""

import base64
import hmac
from dataclasses import replace
from typing import Annotated, Final

import msgspec

from resolvers.orders import AnyOrder
from resolvers.ports.preview_signer import PreviewSigner
from schema.errors import InvalidInput
from schema.quoting import quote

_EndsAt = Annotated[int, msgspec.Meta(ge=0)]
_Facts = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
_DECODER: Final = msgspec.json.Decoder(tuple[_EndsAt, _Facts])
_MAX_CHARS: Final = 200


async def create_token(signer: PreviewSigner, facts: str, expires_at: float) -> str:
    """Create a signed token from a digest (`facts`) and an expiry time.

    Raises OperationsUnavailable if the signing key cannot be read.
    """
    content = encode(facts, expires_at)
    return f"{content}.{await signer.sign(content)}"


async def verify_token(signer: PreviewSigner, name: str, token: str) -> str:
    """Check the signature of a token, and return its content, which is still encoded.

    Raises:
        InvalidInput: the token was not issued to this principal.
        OperationsUnavailable: the signing key cannot be read.
    """
    content, _, signature = token.rpartition(".")
    if len(token) > _MAX_CHARS or not token.isascii() or not content:
        raise _invalid_token(name, token)
    # Compares texts, not decoded bytes: several Base64 texts decode to the same bytes.
    if not hmac.compare_digest(await signer.sign(content), signature):
        raise _invalid_token(name, token)
    decode(name, content)
    return content


async def attach_preview(order: AnyOrder, token: str | None, signer: PreviewSigner) -> AnyOrder:
    """Return a copy of the order with the content of its preview token, if there is one.

    Raises:
        InvalidInput: the token was not issued to this principal.
        OperationsUnavailable: the signing key cannot be read.
    """
    if token is None:
        return order
    return replace(order, preview=await verify_token(signer, "previewToken", token))


def encode(facts: str, expires_at: float) -> str:
    """Encode a digest and an expiry time in seconds since the epoch."""
    token = base64.urlsafe_b64encode(msgspec.json.encode((int(expires_at), facts)))
    return token.decode().rstrip("=")


def decode(name: str, content: str) -> tuple[int, str]:
    """Return the expiry time and the digest in a token. Raises InvalidInput for other content."""
    padded = content + "=" * (-len(content) % 4)
    try:
        return _DECODER.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, msgspec.DecodeError):
        raise _invalid_token(name, content) from None


def _invalid_token(name: str, token: str) -> InvalidInput:
    return InvalidInput(
        f"{name} must be a previewToken that upgradePreview returned to you, not {quote(token)}."
        " Make a new preview, or omit the token."
    )
