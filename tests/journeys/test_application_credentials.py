"""The gateway as an application of Microsoft's identity platform, which the sandbox simulates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.clock import SystemClock
from gateway.sandbox.options import (
    AssertionOptions,
    Credentials,
    FederatedCredential,
    SandboxOptions,
)
from tests.support.certificates import write_client_certificate
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.journey import journey
from tests.support.server import serving

KNOWN: Final = Credentials()
ISSUER, SUBJECT, AUDIENCE = "https://kubernetes.example", "gateway", "api://AzureADTokenExchange"


async def read_customers(partner: Mapping[str, Any], options: SandboxOptions | None = None) -> int:
    """Read with these settings from a sandbox; returns the number of customers."""
    async with serving(frozen_clock_sandbox(options)) as url:
        given = {
            "auth": "app",
            "authority": url,
            "base_url": url,
            "tenant_id": KNOWN.tenant_id,
            "client_id": KNOWN.client_id,
            **partner,
        }
        async with journey(settings={"partner": given}) as gateway:
            data = await gateway.data("{ customers(first: 2) { nodes { id } } }")
    return len(data["customers"]["nodes"])


async def test_the_application_reads_with_a_secret_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(KNOWN.client_secret)
    assert await read_customers({"client_secret_file": secret}) == 2


async def test_the_application_reads_on_behalf_of_a_user(tmp_path: Path) -> None:
    refresh_token = tmp_path / "refresh-token"
    refresh_token.touch(mode=0o600)
    refresh_token.write_text(KNOWN.refresh_token)
    partner = {
        "auth": "app_user",
        "client_secret": KNOWN.client_secret,
        "refresh_token_file": refresh_token,
    }
    assert await read_customers(partner) == 2


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
async def test_the_application_reads_with_a_certificate(algorithm: str, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    registered = write_client_certificate(file)
    options = SandboxOptions(assertions=AssertionOptions(certificates=(registered,)))
    partner = {"certificate_file": file, "certificate_algorithm": algorithm}
    assert await read_customers(partner, options) == 2


async def test_the_application_reads_with_a_federated_credential(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    trusted = FederatedCredential(ISSUER, SUBJECT, public.decode(), AUDIENCE)
    options = SandboxOptions(assertions=AssertionOptions(federated=(trusted,)))
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": SystemClock.wall() + 600}
    file = tmp_path / "token"
    file.write_text(jwt.encode(claims, key, "RS256"))
    assert await read_customers({"federated_token_file": file}, options) == 2
