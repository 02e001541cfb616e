"""Where keys come from, over HTTP: the metadata, the keys, and what else may be there."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.auth.errors import SigningKeysUnavailable
from gateway.auth.jwks import KeySet, parse_jwks
from gateway.auth.oidc_discovery import OidcDiscovery
from gateway.upstream.transport.base import Headers, OutgoingRequest, UpstreamResponse
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.issuer import OidcIssuer, SigningKey
from tests.support.waiting import HANG_TIMEOUT_S


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    opened = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    yield opened
    await opened.aclose()


class OneAnswer:
    """A transport that answers everything alike."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._answer = UpstreamResponse(status, Headers([]), body)

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        return self._answer

    async def aclose(self) -> None:
        return


async def test_keys_are_where_the_metadata_says(
    issuer: OidcIssuer, transport: HttpxTransport
) -> None:
    found = await OidcDiscovery(transport, issuer.url, "", HANG_TIMEOUT_S).fetch_keys()

    assert found.find(("key-1", "ES256")) is not None


async def test_an_address_that_is_set_needs_no_metadata(
    issuer: OidcIssuer, transport: HttpxTransport
) -> None:
    issuer.metadata = {"issuer": "https://evil.example"}

    found = await OidcDiscovery(
        transport, issuer.url, f"{issuer.url}/keys", HANG_TIMEOUT_S
    ).fetch_keys()

    assert found.find(("key-1", "ES256")) is not None


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (
            {"issuer": "https://evil.example"},
            r"issuer 'https://evil\.example', not of 'http://127",
        ),
        ({"jwks_uri": "http://evil.example/keys"}, "did not return issuer metadata"),
        ({"jwks_uri": 1}, "did not return issuer metadata"),
        ({"jwks_uri": "file:///etc/passwd"}, "did not return issuer metadata"),
    ],
    ids=["another issuer", "keys without TLS", "no address", "a file"],
)
async def test_metadata_that_is_not_the_issuers_is_not_followed(
    issuer: OidcIssuer, transport: HttpxTransport, metadata: dict[str, Any], reason: str
) -> None:
    issuer.metadata = metadata

    with pytest.raises(SigningKeysUnavailable, match=reason):
        await OidcDiscovery(transport, issuer.url, "", HANG_TIMEOUT_S).fetch_keys()
    assert issuer.fetches == 0


async def test_an_unreachable_issuer_has_another_error_than_a_wrong_one(
    issuer: OidcIssuer, transport: HttpxTransport
) -> None:
    issuer.is_down = True
    with pytest.raises(SigningKeysUnavailable, match="returned status 503"):
        await OidcDiscovery(transport, issuer.url, "", HANG_TIMEOUT_S).fetch_keys()
    with pytest.raises(SigningKeysUnavailable, match="cannot be read"):
        await OidcDiscovery(transport, "http://127.0.0.1:1", "", HANG_TIMEOUT_S).fetch_keys()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "not a JWK set with a list of `keys`"),
        (b'{"keys": {}}', "not a JWK set with a list of `keys`"),
        (b'{"keys": []}', "no key that can verify"),
        (b'{"keys": [1, {}, {"kty": "oct", "k": "AAAA", "kid": "a"}]}', "no key that can"),
        (b'{"keys": [{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]}', "no key that"),
        (b"not json", "no signing keys"),
        (b"\xff", "no signing keys"),
        (b"[" * 100_000, "no signing keys"),
        (b'{"keys": [' + b" " * 300_000 + b"]}", "more than 262144 bytes"),
    ],
    ids=["list", "object", "empty", "symmetric", "encryption", "text", "bytes", "deep", "long"],
)
async def test_a_set_without_a_usable_key_is_no_set(body: bytes, reason: str) -> None:
    discovery = OidcDiscovery(
        OneAnswer(body), "https://a.example", "https://a.example/keys", HANG_TIMEOUT_S
    )

    with pytest.raises(SigningKeysUnavailable, match=reason):
        await discovery.fetch_keys()


EC: Final = SigningKey("key-1").public
RSA: Final = {
    **jwt.algorithms.RSAAlgorithm.to_jwk(
        rsa.generate_private_key(65537, 2048).public_key(), as_dict=True
    ),
    "kid": "key-1",
}


def found(*listed: object) -> KeySet:
    return parse_jwks(json.dumps({"keys": listed}).encode())


@pytest.mark.parametrize(
    "malformed",
    [
        {"kty": "PQ", "kid": "new"},
        {**EC, "kid": ["key-1"]},
        {**EC, "kid": {}},
        {**EC, "kid": 1},
        {**EC, "use": ["sig"]},
        {**EC, "alg": ["ES256"]},
        {**EC, "alg": {}},
        {**EC, "crv": ["P-256"]},
        {**EC, "crv": None},
        {**EC, "x": 7},
        {**EC, "x": "AA"},
        {**EC, "kty": ["EC"]},
        {**EC, "kty": None},
        {**EC, "alg": "RS256"},
        {**RSA, "n": ""},
        {**RSA, "n": "AQAB", "e": "AA"},
        {**RSA, "n": None},
        {**RSA, "e": {}},
        {**RSA, "oth": []},
        {**RSA, "alg": "RSA-OAEP"},
        {**RSA, "alg": "HS256"},
        {"kty": "oct", "k": "AAAA", "kid": "key-1", "alg": "RS256"},
        None,
        [],
        "key",
    ],
    ids=map(str, itertools.count()),  # the keys are new each time
)
def test_malformed_and_unknown_keys_do_not_spoil_the_others(malformed: object) -> None:
    keys = found(malformed, {**EC, "kid": "good"})

    assert keys.find(("good", "ES256")) is not None
    assert keys.find(("key-1", "ES256")) is None


def test_keys_with_one_kid_are_distinguished_by_type_and_algorithm() -> None:
    other = {**EC, **SigningKey("key-1").public}
    keys = found({**RSA, "alg": "PS256"}, {**RSA, "alg": "RS256"}, other)

    kinds = {alg: keys.find(("key-1", alg)) for alg in ("PS256", "RS256", "ES256", "RS512")}
    assert {alg: key.key_type if key else None for alg, key in kinds.items()} == {
        "PS256": "RSA",
        "RS256": "RSA",
        "ES256": "EC",
        "RS512": None,
    }


@pytest.mark.parametrize("alg", [{}, {"alg": None}], ids=["absent", "null"])
@pytest.mark.parametrize("name", ["RS256", "RS512", "PS256", "PS384"])
def test_a_key_without_an_algorithm_verifies_every_one_of_its_kind(
    alg: dict[str, None], name: str
) -> None:
    private = rsa.generate_private_key(65537, 2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    key = found({**jwk, "kid": "a", **alg}).find(("a", name))

    assert key is not None
    assert jwt.decode(jwt.encode({"a": 1}, private, name), key, algorithms=[name]) == {"a": 1}


def test_a_token_without_kid_is_checked_with_the_only_key_of_its_algorithm() -> None:
    keys = found(RSA, EC)

    assert keys.find((None, "ES256")) is keys.find(("key-1", "ES256"))
    assert found(EC, {**EC, "kid": "key-2"}).find((None, "ES256")) is None
