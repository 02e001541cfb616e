"""The credential of a request. Source: RFC 6750, 2.1; credentials in a query are not taken."""

from collections.abc import Sequence
from typing import Final

from gateway.auth.errors import Unauthenticated

# Longer than any token an identity platform issues, so that a flood of them is cheap to refuse.
MAX_CREDENTIAL_BYTES: Final = 16_384


def parse_bearer(authorizations: Sequence[bytes]) -> str:
    """Return what stands behind `Bearer` in the only `Authorization` header.

    Raises Unauthenticated where there is none, or several, which proxies read differently.
    """
    if not authorizations:
        raise Unauthenticated(
            "This gateway asks who you are: send 'Authorization: Bearer ...'",
            credential_given=False,
        )
    if len(authorizations) > 1:
        raise Unauthenticated("Send one Authorization header, not several")
    if len(authorizations[0]) > MAX_CREDENTIAL_BYTES:
        raise Unauthenticated(f"The credential is longer than {MAX_CREDENTIAL_BYTES} bytes")
    scheme, _, credential = authorizations[0].decode("latin-1").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise Unauthenticated("Send the credential as 'Authorization: Bearer ...'")
    if not credential.isascii():
        raise Unauthenticated("The credential has characters that none has")
    return credential
