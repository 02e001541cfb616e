"""Requests tokens at the token endpoint of Microsoft's identity platform (CONTRACT 1.2)."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from gateway.upstream.error_body import sanitize
from gateway.upstream.errors import IssuerUnavailable, NoToken
from gateway.upstream.transport.base import (
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)

_TIMEOUT_S: Final = 30.0
_HEADERS: Final = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Accept", "application/json"),
)
_TRY_LATER: Final = 429
_SERVER_ERROR: Final = 500
# By a text of the message, which is more exact, then by the error code.
_REMEDIES: Final = {
    "AADSTS90002": "the authority does not know partner.tenant_id in this partner.cloud",
    "AADSTS700027": "upload the certificate in partner.certificate_file to the application",
    "AADSTS70021": "add a federated credential for this token's issuer and subject to the"
    " application",
    "invalid_grant": "a person must consent again and replace partner.refresh_token_file",
    "interaction_required": "a person must consent again, passing MFA",
    "invalid_client": "partner.client_id or its credential (partner.client_secret, or the file or"
    " identity in its place) is wrong or has expired",
    "unauthorized_client": "partner.client_id is not known in partner.tenant_id",
    "invalid_resource": "partner.cloud is not the tenant's, or consent for the API is missing",
}


async def request_token(transport: Transport, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Send the form, and return the members of a successful response.

    Raises NoToken if the request is rejected, and IssuerUnavailable if it may succeed later.
    """
    body = urlencode(form).encode()
    try:
        response = await transport.send(OutgoingRequest("POST", url, _HEADERS, body, _TIMEOUT_S))
    except TransportError as lost:
        raise IssuerUnavailable(f"The identity platform cannot be reached: {lost}.") from lost
    members = parse_members(response)
    if response.is_success and members:
        return members
    is_temporary = response.status == _TRY_LATER or response.status >= _SERVER_ERROR
    if is_temporary or "error" not in members:
        raise IssuerUnavailable(
            f"The identity platform failed with HTTP {response.status}, without an error that says"
            " why. If this continues, check partner.authority and proxies."
        )
    raise _rejection(members)


def parse_members(response: UpstreamResponse) -> dict[str, Any]:
    """Return the members of a JSON object; empty if the body is anything else."""
    try:
        document = json.loads(response.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _rejection(members: Mapping[str, Any]) -> NoToken:
    code = sanitize(str(members["error"]), max_chars=60)
    message = sanitize(str(members.get("error_description") or "no reason given"), max_chars=300)
    remedies = (remedy for text, remedy in _REMEDIES.items() if text in message or text == code)
    return NoToken(
        f"The identity platform issues no token ({code}): {next(remedies, 'see its message')}."
        f" Its message: {message}",
        upstream_code=code,
    )
