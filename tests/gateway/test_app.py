import httpx
import pytest

from gateway.app import create_app
from gateway.settings import PartnerSettings, Settings

STATIC = PartnerSettings.model_validate({"auth": "static", "token": "abc"})


async def asked_as(host: str) -> httpx.Response:
    """Ask a gateway on loopback under a name."""
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with (
        app.site.router.lifespan_context(app.site),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        return await client.get("/", headers={"Host": host})


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.0.0.1"])
async def test_on_loopback_this_machines_names_are_answered(host: str) -> None:
    assert (await asked_as(host)).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
async def test_on_loopback_a_name_that_was_rebound_is_refused(host: str) -> None:
    assert (await asked_as(host)).status_code == 400


def test_a_refresh_token_file_that_cannot_be_read_stops_the_start() -> None:
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
        (b'{"query": "\xff"}', "not UTF-8"),
        (b'{"variables": {"a": ' + b"[" * 200_000, "nested too deeply"),
        (b"{", "not valid JSON"),
    ],
    ids=["not UTF-8", "nested", "cut"],
)
async def test_a_body_that_is_no_request_is_refused_with_what_was_expected(
    body: bytes, expected: str
) -> None:
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post(
            "/graphql", content=body, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 400
    assert expected in answer.text


@pytest.mark.parametrize(("profile", "suggests"), [("dev", True), ("production", False)])
async def test_suggestions_are_for_developers(profile: str, *, suggests: bool) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "profile": profile}))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json={"query": "{ custumers { nodes { id } } }"})
    assert ("Did you mean" in answer.text) is suggests


@pytest.mark.parametrize("engine", ["compiled", "graphql_core"])
async def test_both_ways_to_execute_are_served_alike(engine: str) -> None:
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


async def test_a_document_of_too_many_tokens_is_refused_before_it_is_checked() -> None:
    app = create_app(Settings(partner=STATIC))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json={"query": "{" + " a" * 2_000 + "}"})
    assert answer.json()["errors"][0]["extensions"]["rule"] == "tokens"


@pytest.mark.parametrize(("profile", "limit"), [("dev", 12), ("production", None)])
async def test_a_limit_is_named_and_its_number_is_for_developers(
    profile: str, limit: int | None
) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "profile": profile}))
    transport = httpx.ASGITransport(app)
    document = "{" + "a {" * 12 + "a" + "}" * 13
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json={"query": document})
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["rule"] == "depth"
    assert error["extensions"].get("limit") == limit
    assert ("12" in error["message"]) is (limit is not None)
