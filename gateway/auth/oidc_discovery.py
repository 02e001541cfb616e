"""Fetches the signing keys of an OIDC issuer. Source: OpenID Connect Discovery 1.0, 4."""

import json
from dataclasses import dataclass
from typing import Final

from gateway.auth.errors import SigningKeysUnavailable
from gateway.auth.jwks import KeySet, parse_jwks
from gateway.settings.masking import mask_url
from gateway.settings.validators import validate_token_url
from gateway.upstream.transport.base import OutgoingRequest, Transport, TransportError

_MAX_BYTES: Final = 262_144
_METADATA: Final = "/.well-known/openid-configuration"
_OK: Final = 200
_SHOWN_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class OidcDiscovery:
    """Finds and fetches the signing keys of one issuer.

    Attributes:
        jwks_url: the URL of the keys. If it is empty, every fetch reads the URL from the issuer's
            metadata, because it may change.
    """

    transport: Transport
    issuer: str
    jwks_url: str
    timeout_s: float

    async def fetch_keys(self) -> KeySet:
        """Fetch the keys. Raises SigningKeysUnavailable."""
        url = self.jwks_url or await self._discover_jwks_url()
        try:
            return parse_jwks(await self._get(url))
        except (ValueError, RecursionError) as error:
            raise SigningKeysUnavailable(f"{mask_url(url)} has no signing keys: {error}") from error

    async def _discover_jwks_url(self) -> str:
        url = self.issuer.rstrip("/") + _METADATA
        try:
            metadata = json.loads(await self._get(url))
            named, found = metadata["issuer"], validate_token_url(metadata["jwks_uri"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SigningKeysUnavailable(
                f"{mask_url(url)} did not return issuer metadata with `issuer` and `jwks_uri`"
            ) from error
        if named != self.issuer:  # Discovery 4.3; otherwise another issuer's keys would be trusted
            raise SigningKeysUnavailable(
                f"{mask_url(url)} is the metadata of issuer {repr(named)[:_SHOWN_CHARS]}, not of"
                f" {self.issuer!r}; set auth.issuer exactly as the metadata has it"
            )
        return found

    async def _get(self, url: str) -> bytes:
        headers, shown = (("Accept", "application/json"),), mask_url(url)
        try:
            response = await self.transport.send(
                OutgoingRequest("GET", url, headers, None, self.timeout_s)
            )
        except TransportError as failure:
            raise SigningKeysUnavailable(f"{shown} cannot be read: {failure}") from failure
        if response.status != _OK:
            raise SigningKeysUnavailable(f"{shown} returned status {response.status}, not {_OK}")
        if len(response.body) > _MAX_BYTES:
            raise SigningKeysUnavailable(f"{shown} returned more than {_MAX_BYTES} bytes")
        return response.body
