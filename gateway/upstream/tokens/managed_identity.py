"""The token of a managed identity in place of a client secret (CONTRACT 1.6).

Source: learn.microsoft.com, "How to use managed identities ... to acquire an access token"; App
Service and Container Apps, "REST endpoint reference".
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from gateway.upstream.errors import IssuerUnavailable, NoToken
from gateway.upstream.tokens.client_credential import assertion_form
from gateway.upstream.tokens.token_endpoint import parse_members
from gateway.upstream.transport.base import HeaderPairs, OutgoingRequest, TransportError
from gateway.upstream.transport.factory import create_transport

_MACHINE_URL: Final = "http://169.254.169.254/metadata/identity/oauth2/token"
_TIMEOUT_S: Final = 10.0
_REJECTED: Final = (400, 401, 403, 404)


class ManagedIdentity:
    """Authenticates with the token of a managed identity, from the platform that runs the gateway.

    Args:
        client_id: the id of the user-assigned identity.
        audience: the audience of tokens that the application accepts in this cloud.
        environ: `IDENTITY_ENDPOINT` names the endpoint on App Service and Container Apps; without
            it, that of virtual machines and AKS nodes is used.
    """

    def __init__(self, client_id: str, audience: str, environ: Mapping[str, str]) -> None:
        self._client_id = client_id
        self._audience = audience
        self._environ = environ

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        endpoint = self._environ.get("IDENTITY_ENDPOINT")
        if endpoint:
            secret = self._environ.get("IDENTITY_HEADER", "")
            return await self._request(endpoint, "2019-08-01", (("X-IDENTITY-HEADER", secret),))
        return await self._request(_MACHINE_URL, "2018-02-01", (("Metadata", "true"),))

    async def _request(
        self, endpoint: str, version: str, headers: HeaderPairs
    ) -> Mapping[str, str]:
        query = {
            "api-version": version,
            "resource": self._audience,
            "client_id": self._client_id,
        }
        url = f"{endpoint}?{urlencode(query)}"
        # A transport of its own: the endpoint is never behind a proxy.
        transport = create_transport("asyncio", connect_timeout_s=_TIMEOUT_S)
        try:
            response = await transport.send(OutgoingRequest("GET", url, headers, None, _TIMEOUT_S))
        except TransportError as lost:
            raise IssuerUnavailable(
                f"The endpoint of managed identities cannot be reached: {lost}. Only"
                " machines on Azure have this endpoint."
            ) from lost
        finally:
            await transport.aclose()
        token = parse_members(response).get("access_token")
        if response.is_success and isinstance(token, str):
            return assertion_form(token)
        if response.status in _REJECTED:
            raise NoToken(
                f"The endpoint of managed identities responded with HTTP {response.status}. Assign"
                " the identity partner.managed_identity to this machine or app."
            )
        raise IssuerUnavailable(
            f"The endpoint of managed identities responded with HTTP {response.status} and no"
            " token."
        )
