"""The schema as text."""

from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.auth.api_keys import format_key, format_key_entry
from gateway.settings import Settings
from tests.support.edge_app import STATIC, app_with, client_for

READS, REQUIRES_ADMIN = format_key("reads", bytes(32)), format_key("administers", bytes(range(32)))


async def test_the_schema_is_plain_text() -> None:
    async with client_for(app_with()) as client:
        response = await client.get("/schema.graphql")
    assert "type Query {" in response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("profile", "key", "status"),
    [
        ("production", "", 401),
        ("production", READS, 403),
        ("production", REQUIRES_ADMIN, 200),
        ("dev", "", 401),
        ("dev", READS, 200),
    ],
    ids=lambda value: str(value)[:9],
)
async def test_the_schema_requires_permission_to_introspect(
    tmp_path: Path, profile: str, key: str, status: int
) -> None:
    file = tmp_path / "keys.toml"
    keys = (
        format_key_entry("reads", READS, ["upgrades:read"], ["*"]),
        format_key_entry("administers", REQUIRES_ADMIN, ["upgrades:admin"], ["*"]),
    )
    file.write_text("\n".join(keys), "utf-8")
    auth = {"mode": "keys", "keys_file": file}
    settings = {"partner": STATIC, "profile": profile, "auth": auth}
    app = create_app(Settings.model_validate(settings))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    introspection = {"query": "{ __schema { queryType { name } } }"}

    async with client_for(app) as client:
        schema = await client.get("/schema.graphql", headers=headers)
        introspected = await client.post("/graphql", json=introspection, headers=headers)

    assert schema.status_code == introspected.status_code == status
    assert ("type Query" in schema.text) is (status == 200)
