import httpx
import pytest

from gateway.app import create_app
from gateway.settings import PartnerSettings, Settings

STATIC = PartnerSettings.model_validate({"auth": "static", "token": "abc"})


async def get_with_host(host: str) -> httpx.Response:
    """Send a request with this Host header to a gateway on loopback."""
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with (
        app.site.router.lifespan_context(app.site),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        return await client.get("/", headers={"Host": host})


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.0.0.1"])
async def test_on_loopback_loopback_names_are_allowed(host: str) -> None:
    assert (await get_with_host(host)).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
async def test_on_loopback_a_rebound_name_is_rejected(host: str) -> None:
    assert (await get_with_host(host)).status_code == 400


def test_an_unreadable_refresh_token_file_prevents_the_start() -> None:
    partner = PartnerSettings.model_validate(
        {
            "auth": "app_user",
            "tenant_id": "3c95518e-8c37-41e3-9627-0ca339200f53",
            "client_id": "60a00bf2-0644-4279-83b3-87ddf96f2509",
            "client_secret": "a secret",
            "refresh_token_file": "nowhere/refresh-token",
        }
    )
    with pytest.raises(ValueError, match=r"partner\.refresh_token_file 'nowhere/refresh-token'"):
        create_app(Settings(partner=partner))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"query": "\xff"}', "JSON in UTF-8: Invalid UTF-8"),
        (b'{"variables": {"a": ' + b"[" * 200_000, "nested too deeply"),
        (b"{", "not valid JSON"),
    ],
    ids=["not UTF-8", "nested", "cut"],
)
async def test_the_error_for_an_invalid_body_says_what_is_wrong(body: bytes, expected: str) -> None:
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.post(
            "/graphql", content=body, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 400
    assert expected in response.text


@pytest.mark.parametrize(("profile", "suggests"), [("dev", True), ("production", False)])
async def test_suggestions_appear_only_in_the_dev_profile(profile: str, *, suggests: bool) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "profile": profile}))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.post("/graphql", json={"query": "{ custumers { nodes { id } } }"})
    assert ("Did you mean" in response.text) is suggests


@pytest.mark.parametrize("engine", ["compiled", "graphql_core"])
async def test_both_engines_give_the_same_responses(engine: str) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "engine": engine}))
    transport = httpx.ASGITransport(app)
    document = 'query A { t: __typename node(nodeId: "x") { nodeId } } query B { __typename }'
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        one = await client.post("/graphql", json={"query": document, "operationName": "A"})
        got = await client.get("/graphql", params={"query": "{ __schema { queryType { name } } }"})
        unnamed = await client.post("/graphql", json={"query": document})
    assert one.json()["data"] == {"t": "Query", "node": None}
    assert one.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert got.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert "operationName" in unnamed.json()["errors"][0]["message"]


async def test_a_document_with_too_many_tokens_is_rejected_before_validation() -> None:
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.post("/graphql", json={"query": "{" + " a" * 2_000 + "}"})
    assert response.json()["errors"][0]["extensions"]["rule"] == "tokens"


@pytest.mark.parametrize(("profile", "limit"), [("dev", 12), ("production", None)])
async def test_limit_errors_name_the_rule_and_in_dev_the_value(
    profile: str, limit: int | None
) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "profile": profile}))
    transport = httpx.ASGITransport(app)
    document = "{" + "a {" * 12 + "a" + "}" * 13
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.post("/graphql", json={"query": document})
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["rule"] == "depth"
    assert error["extensions"].get("limit") == limit
    assert ("12" in error["message"]) is (limit is not None)
