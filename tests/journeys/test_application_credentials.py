"""The gateway as an application of Microsoft's identity platform, which the sandbox simulates."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.options import Credentials
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.journey import journey
from tests.support.server import serving

KNOWN = Credentials()


@pytest.mark.parametrize("auth", ["app", "app_user"])
async def test_the_application_reads_with_its_own_token(auth: str, tmp_path: Path) -> None:
    secret, refresh_token = tmp_path / "secret", tmp_path / "refresh-token"
    secret.write_text(KNOWN.client_secret)
    refresh_token.touch(mode=0o600)
    refresh_token.write_text(KNOWN.refresh_token)
    async with serving(frozen_clock_sandbox()) as url:
        partner: dict[str, Any] = {
            "auth": auth,
            "authority": url,
            "base_url": url,
            "tenant_id": KNOWN.tenant_id,
            "client_id": KNOWN.client_id,
            "client_secret_file": secret,
        }
        if auth == "app_user":
            partner["refresh_token_file"] = refresh_token
        async with journey(settings={"partner": partner}) as gateway:
            data = await gateway.data("{ customers(first: 2) { nodes { id } } }")
    assert len(data["customers"]["nodes"]) == 2
