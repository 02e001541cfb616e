"""Where keys come from, over HTTP: the metadata, the keys, and what else may be there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.auth.issuer import Issuer as AskedIssuer
from gateway.auth.key_set import parse_key_set
from gateway.auth.unauthenticated import KeysUnavailable
from gateway.upstream.httpx_transport import HttpxTransport
from gateway.upstream.transport import Answer, Headers, OutgoingRequest
from tests.support.issuer import Issuer
from tests.support.waiting import NEVER_S


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    opened = HttpxTransport(connect_within_s=NEVER_S)
    yield opened
    await opened.aclose()


class OneAnswer:
    """A transport that answers everything alike."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._answer = Answer(status, Headers([]), body)

    async def send(self, request: OutgoingRequest) -> Answer:
        return self._answer

    async def aclose(self) -> None:
        return


async def test_keys_are_where_the_metadata_says(issuer: Issuer, transport: HttpxTransport) -> None:
    found = await AskedIssuer(transport, issuer.url, "", NEVER_S).keys()

    assert found.find("key-1") is not None


async def test_an_address_that_is_set_needs_no_metadata(
    issuer: Issuer, transport: HttpxTransport
) -> None:
    issuer.metadata = {"issuer": "https://evil.example"}

    found = await AskedIssuer(transport, issuer.url, f"{issuer.url}/keys", NEVER_S).keys()

    assert found.find("key-1") is not None


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"issuer": "https://evil.example"}, "metadata of another issuer"),
        ({"jwks_uri": "http://evil.example/keys"}, "not the metadata of an issuer"),
        ({"jwks_uri": 1}, "not the metadata of an issuer"),
        ({"jwks_uri": "file:///etc/passwd"}, "not the metadata of an issuer"),
    ],
    ids=["another issuer", "keys without TLS", "no address", "a file"],
)
async def test_metadata_that_is_not_the_issuers_is_not_followed(
    issuer: Issuer, transport: HttpxTransport, metadata: dict[str, Any], reason: str
) -> None:
    issuer.metadata = metadata

    with pytest.raises(KeysUnavailable, match=reason):
        await AskedIssuer(transport, issuer.url, "", NEVER_S).keys()
    assert issuer.fetches == 0


async def test_an_issuer_that_is_down_or_away_is_told_apart_from_a_wrong_one(
    issuer: Issuer, transport: HttpxTransport
) -> None:
    issuer.is_down = True
    with pytest.raises(KeysUnavailable, match="answered 503"):
        await AskedIssuer(transport, issuer.url, "", NEVER_S).keys()
    with pytest.raises(KeysUnavailable, match="cannot be read"):
        await AskedIssuer(transport, "http://127.0.0.1:1", "", NEVER_S).keys()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "no list of `keys`"),
        (b'{"keys": {}}', "no list of `keys`"),
        (b'{"keys": []}', "no key that could verify"),
        (b'{"keys": [1, {}, {"kty": "oct", "k": "AAAA", "kid": "a"}]}', "no key that could"),
        (b'{"keys": [{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]}', "no key that"),
        (b"not json", "no signing keys"),
        (b"\xff", "no signing keys"),
        (b"[" * 100_000, "no signing keys"),
        (b'{"keys": [' + b" " * 300_000 + b"]}", "more than 262144 bytes"),
    ],
    ids=["list", "object", "empty", "symmetric", "encryption", "text", "bytes", "deep", "long"],
)
async def test_a_set_without_a_usable_key_is_no_set(body: bytes, reason: str) -> None:
    asked = AskedIssuer(OneAnswer(body), "https://a.example", "https://a.example/keys", NEVER_S)

    with pytest.raises(KeysUnavailable, match=reason):
        await asked.keys()


def test_keys_of_unknown_kinds_do_not_spoil_the_others() -> None:
    issuer = Issuer()
    body = b'{"keys": [{"kty": "PQ", "kid": "new"}, %s]}'
    jwk = str(issuer.keys[0].public).replace("'", '"').encode()

    found = parse_key_set(body % jwk)

    assert list(found.keys) == ["key-1"]
