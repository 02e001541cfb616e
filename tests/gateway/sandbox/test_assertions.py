"""Certificates and identity providers in place of the client secret (CONTRACT 1.5, 1.6)."""

import base64
import datetime
import hashlib
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from gateway.sandbox.app import Sandbox
from gateway.sandbox.assertions import ASSERTION_TYPE
from tests.gateway.sandbox.conftest import NOW_S

ISSUER, SUBJECT = "https://issuer.example", "system:serviceaccount:gateway"
THUMBPRINTS = {"PS256": ("x5t#S256", "sha256"), "RS256": ("x5t", "sha1")}
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)


def build_certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upgrade-gateway")])
    start = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=900))
        .sign(key, hashes.SHA256())
    )


CERTIFICATE, OTHER_CERTIFICATE = build_certificate(KEY), build_certificate(OTHER_KEY)


def compute_thumbprint(certificate: x509.Certificate, algorithm: str) -> str:
    digest = hashlib.new(algorithm, certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Client:
    """Requests tokens with assertions."""

    def __init__(self, api: httpx.AsyncClient, sandbox: Sandbox) -> None:
        self.api, self.sandbox = api, sandbox
        self.client_id = sandbox.options.credentials.client_id
        self.path = f"/{sandbox.options.credentials.tenant_id}/oauth2/token"

    def sign(
        self,
        algorithm: str = "PS256",
        certificate: x509.Certificate = CERTIFICATE,
        key: rsa.RSAPrivateKey = KEY,
        **claims: Any,
    ) -> str:
        now = int(self.sandbox.clock())
        name, digest = THUMBPRINTS[algorithm]
        own = {
            "aud": f"http://sandbox.test{self.path}",
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": str(uuid4()),
            "nbf": now,
            "iat": now,
            "exp": now + 300,
        }
        headers = {name: compute_thumbprint(certificate, digest)}
        return jwt.encode({**own, **claims}, key, algorithm, headers)

    async def post(self, assertion: str, **form: str) -> httpx.Response:
        body = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            "resource": "http://sandbox.test",
        }
        return await self.api.post(self.path, data={**body, **form})


@pytest.fixture
async def client(api: httpx.AsyncClient, sandbox: Sandbox) -> Client:
    pems = [each.public_bytes(Encoding.PEM).decode() for each in (OTHER_CERTIFICATE, CERTIFICATE)]
    public_key = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    trusted = {"issuer": ISSUER, "subject": SUBJECT, "public_key": public_key.decode()}
    options = {"certificates": pems, "federated": [trusted]}
    assert (await api.put("/_sandbox/assertions", json=options)).json()["certificates"] == pems
    return Client(api, sandbox)


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("version", ["oauth2/token", "oauth2/v2.0/token"])
async def test_a_registered_certificate_replaces_the_client_secret(
    client: Client, algorithm: str, version: str
) -> None:
    client.path = client.path.replace("oauth2/token", version)
    response = await client.post(client.sign(algorithm))
    assert response.status_code == 200
    is_number = isinstance(response.json()["expires_in"], int)
    assert is_number is (version == "oauth2/v2.0/token")
    headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
    assert (await client.api.get("/v1/customers?size=1", headers=headers)).status_code == 200


async def test_a_certificate_goes_with_a_refresh_token(client: Client) -> None:
    token = client.sandbox.options.credentials.refresh_token
    response = await client.post(client.sign(), grant_type="refresh_token", refresh_token=token)
    assert response.json()["scope"] == "user_impersonation"


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"aud": "http://sandbox.test/common/oauth2/token"}, "aud is not the URL"),
        ({"sub": "other"}, "sub is not the client id"),
        ({"iss": "other"}, "no federated credential"),
        ({"nbf": int(NOW_S) + 301}, "nbf is in the future"),
        ({"exp": int(NOW_S)}, "exp is missing or has passed"),
        ({"exp": "later"}, "exp is missing or has passed"),
        ({"jti": ""}, "jti is missing or was used before"),
    ],
)
async def test_invalid_claims_are_rejected(
    client: Client, claims: dict[str, Any], text: str
) -> None:
    response = await client.post(client.sign(**claims))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert text in response.json()["error_description"]


async def test_an_assertion_can_be_used_once(client: Client) -> None:
    assertion = client.sign()
    assert (await client.post(assertion)).status_code == 200
    repeated = await client.post(assertion)
    assert repeated.status_code == 401
    assert "jti is missing or was used before" in repeated.json()["error_description"]


async def test_another_key_and_an_unregistered_certificate_are_rejected(client: Client) -> None:
    assert (await client.post(client.sign(key=OTHER_KEY))).status_code == 401
    await client.api.put("/_sandbox/assertions", json={"certificates": []})
    response = await client.post(client.sign())
    assert "not that of a registered certificate" in response.json()["error_description"]


async def test_other_algorithms_types_and_texts_are_rejected(client: Client) -> None:
    unsigned = jwt.encode({"iss": client.client_id}, "", "none")
    for response in (
        await client.post(unsigned),
        await client.post("eyJ"),
        await client.post(client.sign(), client_assertion_type="other"),
    ):
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"aud": ["api://AzureADTokenExchange"]}, 200),
        ({"aud": "api://AzureADTokenExchangeChina"}, 401),
        ({"sub": SUBJECT.upper()}, 401),
        ({"iss": f"{ISSUER}/"}, 401),
        ({"exp": int(NOW_S)}, 401),
    ],
)
async def test_a_trusted_issuer_replaces_the_client_secret(
    client: Client, change: dict[str, Any], status: int
) -> None:
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", **change}
    assertion = client.sign("RS256", **claims)
    for _ in range(2):
        assert (await client.post(assertion)).status_code == status


async def test_the_key_of_a_trusted_issuer_is_required(client: Client) -> None:
    claims: dict[str, Any] = {"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange"}
    assert (await client.post(client.sign("RS256", key=OTHER_KEY, **claims))).status_code == 401
