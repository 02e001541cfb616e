"""Opaque tokens for the next page of a list (CONTRACT 7.2)."""

import base64
from typing import Any, TypeVar

import msgspec

from gateway.sandbox.errors import VendorError, malformed_value_error
from gateway.sandbox.identity import guid

T = TypeVar("T")
HEADER = "MS-ContinuationToken"


def encode_token(seed: int, *values: Any) -> str:
    """Build a token that contains `/`, `=` and `,`, as the vendor's tokens do."""
    text = msgspec.json.encode(values)
    owner = guid("pages", seed)
    return f"{owner},{owner}_a4ayc/80/{base64.b64encode(text).decode()}=,{guid(text)}"


def decode_token(seed: int, token: str, kind: type[T]) -> T:
    """Return the values in a token as a tuple of the type `kind`.

    Raises VendorError if the token was altered or belongs to another list.
    """
    parts = token.split(",")
    try:
        encoded = parts[1].partition("/80/")[2].removesuffix("=")
        text = base64.b64decode(encoded, validate=True)
        values = msgspec.json.decode(text, type=kind)
    except (IndexError, ValueError, msgspec.DecodeError):
        raise _token_error(token) from None
    if token != encode_token(seed, *msgspec.json.decode(text)):
        raise _token_error(token)
    return values


def _token_error(token: str) -> VendorError:
    return malformed_value_error(HEADER, token, "an unaltered token of an earlier page")
