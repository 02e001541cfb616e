"""Principals: their format, and which ones callers can have under the settings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.settings.auth import AuthSettings
from gateway.settings.partner import PartnerSettings

KEY_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEY: Final = "key:"
_SUBJECT: Final = "jwt:"
_DIGEST: Final = "token-"
_SHOWN_CHARS: Final = 80
_TENANT: Final = r"(?P<tenant>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
# Microsoft Entra ID has different issuer names in tokens of version 1 and 2, in every cloud.
_ENTRA: Final = (
    re.compile(rf"https://sts\.(?:windows\.net|chinacloudapi\.cn)/{_TENANT}/"),
    re.compile(
        r"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn"
        rf"|chinacloudapi\.cn)/{_TENANT}/v2\.0"
    ),
)


def principal_issuers(issuers: Sequence[str]) -> Mapping[str, str]:
    """Map each name of an issuer to its first name, which principals contain.

    A caller therefore has the same principal with every version of a token.
    """
    first: dict[str, str] = {}
    return {issuer: first.setdefault(_tenant_or_issuer(issuer), issuer) for issuer in issuers}


def _tenant_or_issuer(issuer: str) -> str:
    tenants = (found["tenant"].lower() for form in _ENTRA if (found := form.fullmatch(issuer)))
    return next(tenants, issuer)


def key_principal(name: str) -> str:
    """Return the principal of an API key."""
    return f"{_KEY}{name}"


def subject_principal(issuer: str, subject: str) -> str:
    """Return the principal of a verified JWT with this `iss` and `sub`."""
    return f"{_SUBJECT}{issuer}|{subject}"


def token_principal(digest: str) -> str:
    """Return the principal for an unverified token; `digest` is its digest, 32 hex digits."""
    return f"{_DIGEST}{digest}"


def shared_principal(partner: PartnerSettings) -> str:
    """Return the principal that all callers without a credential share."""
    match partner.auth:
        case "passthrough":
            return "caller-without-token"
        case "app":
            return f"app-{partner.tenant_id}-{partner.client_id}"
        case "app_user":
            return f"app-user-{partner.tenant_id}-{partner.client_id}"
        case "sandbox" | "static":
            return partner.auth


def is_principal(text: str) -> bool:
    """Whether a text is the principal of an API key or a JWT, not just a name."""
    is_key = text.startswith(_KEY) and KEY_NAME.fullmatch(text.removeprefix(_KEY)) is not None
    return is_key or (text.startswith(f"{_SUBJECT}http") and "|" in text)


def parse_key_name(principal: str) -> str | None:
    """Return the name of the API key with this principal; None for other principals."""
    return principal.removeprefix(_KEY) if principal.startswith(_KEY) else None


@dataclass(frozen=True, slots=True)
class _Form:
    pattern: re.Pattern[str]
    description: str


class PrincipalForms:
    """The forms of principals that callers can have under some settings."""

    def __init__(self, auth: AuthSettings, partner: PartnerSettings) -> None:
        self._auth = auth
        self._forms = _build_forms(auth, partner)

    def explain_mismatch(self, name: str) -> str | None:
        """Explain why no caller can have this principal; None if one can."""
        if self._matches(name):
            return None
        expected = " or ".join(form.description for form in self._forms)
        return (
            f"no caller has the principal {name[:_SHOWN_CHARS]!r}; with auth.mode"
            f" '{self._auth.mode}' it is {expected}{self._suggest(name)}"
        )

    def _matches(self, name: str) -> bool:
        return any(form.pattern.fullmatch(name) for form in self._forms)

    def _suggest(self, name: str) -> str:
        """Suggest the full principal for the bare name of a key or a subject."""
        bare = name.strip()
        lowercase = bare.lower()
        candidates = [lowercase, key_principal(lowercase)]
        if not lowercase.startswith((_KEY, _SUBJECT)):
            candidates += [subject_principal(each, bare) for each in _named_issuers(self._auth)]
        near = next((each for each in candidates if self._matches(each)), None)
        return "" if near is None else f"; did you mean {near[: 2 * _SHOWN_CHARS]!r}?"


def _build_forms(auth: AuthSettings, partner: PartnerSettings) -> list[_Form]:
    if auth.mode == "none":
        return _unverified_forms(partner)
    forms: list[_Form] = []
    if auth.accepts_api_keys:
        forms.append(_Form(re.compile(_KEY + KEY_NAME.pattern), f"'{_KEY}<name>' of an API key"))
    if auth.accepts_jwts:
        for issuer in _named_issuers(auth):
            begins = subject_principal(issuer, "")
            pattern = re.compile(re.escape(begins) + ".+", re.DOTALL)
            forms.append(_Form(pattern, f"'{begins}<sub>' of a JWT"))
    return forms


def _named_issuers(auth: AuthSettings) -> list[str]:
    """Return the issuers that principals contain, without duplicates."""
    return list(dict.fromkeys(principal_issuers(auth.issuers).values()))


def _unverified_forms(partner: PartnerSettings) -> list[_Form]:
    shared = shared_principal(partner)
    pattern = re.compile(re.escape(shared))
    if partner.auth != "passthrough":
        return [_Form(pattern, f"'{shared}' for all callers")]
    of_token = re.compile(_DIGEST + "[0-9a-f]{32}")
    return [
        _Form(of_token, f"'{_DIGEST}<32 hex digits>' of a token that is passed on"),
        _Form(pattern, f"'{shared}' without a token"),
    ]
