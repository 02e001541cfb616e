"""Runs the configurations of docs/guides/clients.md with the clients that they are for."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.persisted import manifest
from resolvers.graph import build_graph
from tests.support.journey import Journey, served_journey
from tests.support.node import CLIENTS, NODE, needs_node, run_node

PAGE: Final = Path(__file__).parents[2] / "docs" / "guides" / "clients.md"
FILES: Final = dict(
    re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
)
# An offer has the same id in two markets but different texts, so a cache must store it twice.
QUERY: Final = """
query Offers {
  us: offer(id: "%s", locale: "en-US") { nodeId id country }
  de: offer(id: "%s", country: "DE", locale: "de-DE") { nodeId id country }
}
"""
MUTATION: Final = """
mutation Settle {
  settleOperation(input: {operationId: "o", outcome: DONE, note: "n"}) {
    userErrors { code }
  }
}
"""
SOURCES: Final = {
    "src/offers.js": """
graphql`
  query OffersQuery($id: ID!) {
    us: offer(id: $id) { nodeId id country ...Offer_offer }
    de: offer(id: $id, country: "DE", locale: "de-DE") { nodeId id country }
  }
`;
graphql`
  fragment Offer_offer on Offer @refetchable(queryName: "OfferRefetchQuery") { id name country }
`;
"""
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of the page and their packages."""
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    return tmp_path


def test_the_page_has_a_file_for_each_client() -> None:
    assert set(FILES) == {"relay.config.json", "environment.mjs", "urql.mjs", "apollo.mjs"}


@needs_node
@pytest.mark.parametrize("client", ["urql", "apollo"])
async def test_a_cache_stores_the_offers_of_two_markets_separately(
    folder: Path, client: str
) -> None:
    async with served_journey() as first_gateway:
        offer_id = await find_offer_id(first_gateway)
    registered = folder / "registered.json"
    query = QUERY % (offer_id, offer_id)
    manifest.write_manifest(
        registered, [manifest.parse_document(text) for text in (query, MUTATION)]
    )
    persisted = {"file": registered, "policy": "registered"}
    async with served_journey(settings={"persisted": persisted}) as gateway:
        url = f"{gateway.url}/graphql"
        first, second, mutation = await run_node(
            "caches.mjs", client, str(folder), url, query, MUTATION
        )

    assert (first["data"]["us"]["country"], first["data"]["de"]["country"]) == ("US", "DE")
    assert second["data"] == first["data"]
    (error,) = mutation["data"]["settleOperation"]["userErrors"]
    assert error["code"] == "NOT_FOUND"


@needs_node
async def test_relay_compiles_persists_and_refetches(folder: Path) -> None:
    (folder / "src").mkdir()
    for name, source in SOURCES.items():
        (folder / name).write_text(source, "utf-8")
    (folder / "persisted.json").write_text("{}", "utf-8")
    (folder / "schema.graphql").write_text(build_graph().as_str(), "utf-8")
    await compile_with_relay(folder)
    for artifact in (folder / "src" / "__generated__").glob("*.js"):
        artifact.rename(artifact.with_suffix(".mjs"))

    persisted = {"file": folder / "persisted.json", "policy": "registered"}
    async with served_journey() as first_gateway:
        offer_id = await find_offer_id(first_gateway)
    async with served_journey(settings={"persisted": persisted}) as gateway:
        output = await run_node("relay.mjs", str(folder), f"{gateway.url}/graphql", offer_id)

    us, de = output["asked"]["us"], output["asked"]["de"]
    assert (us["country"], de["country"]) == ("US", "DE")
    assert {us["nodeId"], de["nodeId"]} <= set(output["records"])
    assert output["again"]["node"]["__id"] == us["nodeId"]
    assert output["id"] in json.loads((folder / "persisted.json").read_text())


async def find_offer_id(gateway: Journey) -> str:
    data: Any = await gateway.data("{ offers(first: 1) { nodes { id } } }")
    offer_id: str = data["offers"]["nodes"][0]["id"]
    return offer_id


async def compile_with_relay(folder: Path) -> None:
    program = CLIENTS / "node_modules" / "relay-compiler" / "cli.js"
    process = await asyncio.create_subprocess_exec(
        str(NODE),
        str(program),
        "relay.config.json",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
