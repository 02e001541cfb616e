"""Tokens of previews: what was shown, and until when it holds."""

import base64
from typing import Annotated, Final

import msgspec

from schema.problems import BadInput
from schema.quoting import quote

_EndsAt = Annotated[int, msgspec.Meta(ge=0)]
_Facts = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
_READER: Final = msgspec.json.Decoder(tuple[_EndsAt, _Facts])


def packed(facts: str, expires_at: float) -> str:
    """Pack facts and an end. It is no secret: who leaves it out is not asked for it either."""
    token = base64.urlsafe_b64encode(msgspec.json.encode((int(expires_at), facts)))
    return token.decode().rstrip("=")


def unpacked(name: str, token: str) -> tuple[int, str]:
    """Return the end and the facts. Raises BadInput for what no preview can have given."""
    padded = token + "=" * (-len(token) % 4)
    try:
        return _READER.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, msgspec.DecodeError):
        expected = "a previewToken of upgradePreview"
        came = f"{quote(token)}; look at a new preview, or leave it out"
        raise BadInput(f"{name} is {expected}, not {came}.") from None
