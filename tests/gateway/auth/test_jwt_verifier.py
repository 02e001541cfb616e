"""Each way in which a token can be wrong, over real HTTP to a real issuer."""

import base64
import json
import warnings
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization

from gateway.auth.errors import Unauthenticated
from gateway.auth.jwks import KeySet
from gateway.auth.jwks_cache import JwksCache
from gateway.auth.jwt_verifier import JwtVerifier, TrustedIssuer
from gateway.auth.oidc_discovery import OidcDiscovery
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.clock import FakeClock
from tests.support.issuer import AUDIENCE, OidcIssuer, SigningKey
from tests.support.waiting import HANG_TIMEOUT_S


def verifier_of(issuer: str, keys: JwksCache, *, client_as_audience: bool = False) -> JwtVerifier:
    trusted = {issuer: TrustedIssuer(issuer, keys)}
    return JwtVerifier(trusted, (AUDIENCE, "client-7"), ("ES256", "RS256"), client_as_audience)


@pytest.fixture
async def verifier(issuer: OidcIssuer) -> AsyncIterator[JwtVerifier]:
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    discovery = OidcDiscovery(transport, issuer.url, "", HANG_TIMEOUT_S)
    keys = JwksCache(discovery.fetch_keys, FakeClock(), ttl_s=600)
    yield verifier_of(issuer.url, keys)
    await transport.aclose()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(issuer: OidcIssuer, header: dict[str, object]) -> str:
    """A header and good claims, without a signature."""
    parts = (json.dumps(each).encode() for each in (header, issuer.claims()))
    return ".".join(map(base64url, parts))


def none_algorithm(issuer: OidcIssuer) -> str:
    return unsigned(issuer, {"alg": "none", "kid": "key-1"}) + "."


def public_key_as_hmac_secret(issuer: OidcIssuer) -> str:
    """The public key, which everybody has, as the secret of a symmetric signature."""
    secret = issuer.keys[0].private.public_key()
    pem = secret.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = unsigned(issuer, {"alg": "HS256", "kid": "key-1"})
    mac = hmac.HMAC(pem, hashes.SHA256())
    mac.update(text.encode())
    return f"{text}.{base64url(mac.finalize())}"


def other_key_of_that_name(issuer: OidcIssuer) -> str:
    key = SigningKey("key-1")
    return jwt.encode(issuer.claims(), key.private, "ES256", {"kid": "key-1"})


def algorithm_of_another_kind_of_key(issuer: OidcIssuer) -> str:
    text = unsigned(issuer, {"alg": "RS256", "kid": "key-1"})
    return f"{text}.{base64url(bytes(256))}"


def unknown_key(issuer: OidcIssuer) -> str:
    key = SigningKey("key-9")
    return jwt.encode(issuer.claims(), key.private, "ES256", {"kid": "key-9"})


def changed_payload(issuer: OidcIssuer) -> str:
    header, _, signature = issuer.token().split(".")
    claims = issuer.claims(scope="upgrades:admin")
    return f"{header}.{base64url(json.dumps(claims).encode())}.{signature}"


def cut_signature(issuer: OidcIssuer) -> str:
    return issuer.token().rpartition(".")[0] + "."


def critical_extension(issuer: OidcIssuer) -> str:
    headers = {"kid": "key-1", "crit": ["exp"]}
    return jwt.encode(issuer.claims(), issuer.keys[0].private, "ES256", headers)


def claims_that_are_a_list(issuer: OidcIssuer) -> str:
    key = issuer.keys[0]
    return jwt.api_jws.encode(b"[1]", key.private, "ES256", headers={"kid": key.kid})


def deep_claims(issuer: OidcIssuer) -> str:
    key = issuer.keys[0]
    return jwt.api_jws.encode(b"[" * 5_000, key.private, "ES256", headers={"kid": key.kid})


def issuer_that_is_a_list(issuer: OidcIssuer) -> str:
    key, claims = issuer.keys[0], json.dumps(issuer.claims(iss=[issuer.url])).encode()
    return jwt.api_jws.encode(claims, key.private, "ES256", headers={"kid": key.kid})


def kid_that_is_no_text(issuer: OidcIssuer) -> str:
    return unsigned(issuer, {"alg": "ES256", "kid": {"a": 1}}) + ".AA"


DEFECTS: dict[str, tuple[Callable[[OidcIssuer], str], str]] = {
    "alg none": (none_algorithm, "algorithm is not accepted. Accepted: ES256, RS256"),
    "public key as HMAC secret": (
        public_key_as_hmac_secret,
        "algorithm is not accepted",
    ),
    "another key under a known name": (other_key_of_that_name, "signature is invalid"),
    "algorithm of another kind of key": (
        algorithm_of_another_kind_of_key,
        "a key that its issuer does not list",
    ),
    "unknown key": (unknown_key, "a key that its issuer does not list"),
    "changed payload": (changed_payload, "signature is invalid"),
    "no signature": (cut_signature, "signature is invalid"),
    "critical extension": (critical_extension, "is not a valid JWT"),
    "claims that are a list": (claims_that_are_a_list, "cannot be verified"),
    "deep claims": (deep_claims, "cannot be verified"),
    "kid that is no text": (kid_that_is_no_text, "is not a valid JWT"),
    "another issuer": (
        lambda i: i.token(iss="https://evil.example"),
        "does not trust the token's issuer",
    ),
    "issuer as a prefix": (lambda i: i.token(iss=i.url + "/"), "does not trust the token's issuer"),
    "another audience": (
        lambda i: i.token(aud="api://other"),
        "audience \\(aud\\) is not this gateway",
    ),
    "audience as a part": (
        lambda i: i.token(aud=AUDIENCE + "2"),
        "audience \\(aud\\) is not this gateway",
    ),
    "no issuer": (lambda i: i.token(iss=None), "lacks iss, aud, exp or sub"),
    "no audience": (lambda i: i.token(aud=None), "lacks iss, aud, exp or sub"),
    "no expiry": (lambda i: i.token(exp=None), "lacks iss, aud, exp or sub"),
    "no subject": (lambda i: i.token(sub=None), "lacks iss, aud, exp or sub"),
    "issuer that is a list": (issuer_that_is_a_list, "does not trust the token's issuer"),
    "audience that is an object": (
        lambda i: i.token(aud={AUDIENCE: 1}),
        "audience \\(aud\\) is not this gateway",
    ),
    "audience of nobody": (lambda i: i.token(aud=[]), "audience \\(aud\\) is not this gateway"),
    "client in place of an audience": (
        lambda i: i.token(aud=None, client_id="client-7"),
        "lacks iss, aud, exp or sub",
    ),
    "garbage": (lambda i: "garbage", "is not a valid JWT"),
    "three empty parts": (lambda i: "..", "is not a valid JWT"),
    "not base64": (lambda i: "!!.!!.!!", "is not a valid JWT"),
    "five parts": (lambda i: "a.b.c.d.e", "is not a valid JWT"),
    "header of a list": (lambda i: f"{base64url(b'[]')}.e30.AA", "is not a valid JWT"),
    "deep header": (lambda i: f"{base64url(b'[' * 5_000)}.e30.AA", "is not a valid JWT"),
}


@pytest.mark.parametrize(("forge", "reason"), DEFECTS.values(), ids=DEFECTS.keys())
async def test_a_token_with_a_defect_is_refused_with_the_reason(
    issuer: OidcIssuer, verifier: JwtVerifier, forge: Callable[[OidcIssuer], str], reason: str
) -> None:
    token = forge(issuer)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unauthenticated, match=reason) as refused:
            await verifier.verify(token)

    assert token not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


async def test_a_good_token_is_accepted_with_its_claims(
    issuer: OidcIssuer, verifier: JwtVerifier
) -> None:
    verified = await verifier.verify(issuer.token(sub="alice"))

    assert verified.claims["sub"] == "alice"
    assert verified.key == ("key-1", "ES256")
    assert verified.is_key_current()


async def test_one_audience_of_several_is_enough(issuer: OidcIssuer, verifier: JwtVerifier) -> None:
    token = issuer.token(aud=["api://other", AUDIENCE])

    assert (await verifier.verify(token)).claims["aud"] == ["api://other", AUDIENCE]


@pytest.mark.parametrize("claim", ["client_id", "azp"])
async def test_a_token_without_audience_is_accepted_from_a_client_where_that_is_set(
    issuer: OidcIssuer, verifier: JwtVerifier, claim: str
) -> None:
    lenient = verifier_of(issuer.url, verifier.issuers[issuer.url].keys, client_as_audience=True)

    token = issuer.token(aud=None, **{claim: "client-7"})
    assert (await lenient.verify(token)).claims[claim] == "client-7"

    for claims in ({claim: "client-8"}, {}, {claim: None}, {claim: ["client-8"]}):
        with pytest.raises(Unauthenticated, match=r"audience \(aud\) is not this gateway"):
            await lenient.verify(issuer.token(aud=None, **claims))
    others: list[object] = ["api://other", "", []]
    for aud in others:
        with pytest.raises(Unauthenticated, match=r"audience \(aud\) is not this gateway"):
            await lenient.verify(issuer.token(aud=aud, **{claim: "client-7"}))


@pytest.mark.parametrize("forge", [none_algorithm, public_key_as_hmac_secret])
async def test_no_key_is_fetched_for_a_signature_that_is_never_accepted(
    issuer: OidcIssuer, verifier: JwtVerifier, forge: Callable[[OidcIssuer], str]
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(forge(issuer))

    assert issuer.fetches == 0


async def test_a_token_without_kid_is_checked_with_the_only_key(
    issuer: OidcIssuer, verifier: JwtVerifier
) -> None:
    token = jwt.encode(issuer.claims(), issuer.keys[0].private, "ES256")

    assert (await verifier.verify(token)).key == (None, "ES256")


async def test_a_token_without_kid_is_refused_where_there_are_several_keys() -> None:
    issuer = OidcIssuer()
    issuer.url = "https://issuer.example"
    issuer.keys.append(SigningKey("key-2"))
    key_set = KeySet.from_jwks(key.public for key in issuer.keys)

    async def fetch() -> KeySet:
        return key_set

    keys = JwksCache(fetch, FakeClock(), ttl_s=600)
    verifier = verifier_of(issuer.url, keys)
    token = jwt.encode(issuer.claims(), issuer.keys[0].private, "ES256")

    with pytest.raises(Unauthenticated, match="a key that its issuer does not list"):
        await verifier.verify(token)
