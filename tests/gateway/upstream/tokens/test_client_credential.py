from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.upstream.errors import NoToken
from gateway.upstream.tokens.client_credential import ClientSecretFile, FederatedToken
from gateway.upstream.tokens.identity_platform import AppTokens
from gateway.upstream.transport.base import Transport
from tests.gateway.upstream.scripted_client import build_scope
from tests.gateway.upstream.tokens.conftest import Register
from tests.gateway.upstream.tokens.identity_platform_server import (
    FEDERATED_AUDIENCE,
    SECRET,
    IdentityPlatform,
    rejecting,
)
from tests.support.clock import FakeClock


async def test_a_secret_that_is_replaced_in_its_file_is_used_next(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    tokens = AppTokens(application(credential=ClientSecretFile(file)), transport, clock)
    assert await tokens.get(build_scope()) == "access-1"
    platform.secret = "another"
    with pytest.raises(NoToken, match="invalid_client"):
        await tokens.get(build_scope(), rejected="access-1")
    file.write_text("another")
    clock.now += 10
    assert await tokens.get(build_scope(), rejected="access-1") == "access-3"


async def test_a_federated_token_is_read_for_each_request(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    provider = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    platform.federated_key = provider.public_key()
    file = tmp_path / "federated"
    tokens = AppTokens(application(credential=FederatedToken(file)), transport, clock)
    written = []
    for number in ("1", "2"):
        claims = {"aud": FEDERATED_AUDIENCE, "sub": "gateway", "jti": number}
        written.append(jwt.encode(claims, provider, "RS256"))
        file.write_text(written[-1])
        await tokens.get(build_scope(), rejected="access-1")
    assert [form["client_assertion"] for form in platform.forms] == written
    assert all("client_secret" not in form for form in platform.forms)


async def test_a_token_of_a_provider_that_is_not_trusted_is_explained(
    platform: IdentityPlatform,
    application: Register,
    transport: Transport,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    file = tmp_path / "federated"
    file.write_text("a.b.c")
    tokens = AppTokens(application(credential=FederatedToken(file)), transport, clock)
    unknown = "AADSTS700213: No matching federated identity record found"
    platform.next_answers.append(
        rejecting(401, error="invalid_client", error_description=f"{unknown}. AADSTS70021")
    )
    with pytest.raises(NoToken, match="add a federated credential"):
        await tokens.get(build_scope())


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "cannot be read"), ("", "one line"), ("a\nb", "one line"), ("x" * 70_000, "64 KiB")],
)
async def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: str | None, expected: str
) -> None:
    file = tmp_path / "credential"
    if content is not None:
        file.write_text(content)
    for credential, setting in (
        (ClientSecretFile(file), "client_secret_file"),
        (FederatedToken(file), "federated_token_file"),
    ):
        with pytest.raises(NoToken, match=rf"partner\.{setting} .*{expected}"):
            await credential.build_form("https://login.test/token")
