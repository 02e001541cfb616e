"""Issuers of tokens that are one under several names."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

_TENANT: Final = r"(?P<tenant>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
# Microsoft Entra ID names itself differently in access tokens of version 1 and 2, in every cloud.
_ENTRA: Final = (
    re.compile(rf"https://sts\.(?:windows\.net|chinacloudapi\.cn)/{_TENANT}/"),
    re.compile(
        r"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn"
        rf"|chinacloudapi\.cn)/{_TENANT}/v2\.0"
    ),
)


def principal_issuers(issuers: Sequence[str]) -> Mapping[str, str]:
    """Return, by each issuer, the one that its callers' principals name: the first of its names.

    So a caller stays the same, whichever version of a token it brings.
    """
    first: dict[str, str] = {}
    return {issuer: first.setdefault(_identity(issuer), issuer) for issuer in issuers}


def _identity(issuer: str) -> str:
    tenants = (found["tenant"].lower() for form in _ENTRA if (found := form.fullmatch(issuer)))
    return next(tenants, issuer)
