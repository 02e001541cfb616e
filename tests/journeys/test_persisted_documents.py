"""Clients that send a document's id or hash instead of its text."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.persisted import manifest
from gateway.server.gateway import AppFactory
from gateway.settings import Settings, SettingsError
from tests.support.clock import ManualClock
from tests.support.journey import Journey, journey

ASK = "query Ask { offerCategories { id } }"
SETTLE = """mutation Settle { settleOperation(input: {operationId: "o", outcome: DONE, note: "n"}) {
  userErrors { code } } }"""


async def sent(of: Journey, **body: object) -> dict[str, Any]:
    response = await of.client.post("/graphql", json=body)
    content: dict[str, Any] = response.json()
    return content


def persisted(text: str) -> dict[str, object]:
    return {"persistedQuery": {"version": 1, "sha256Hash": manifest.hash_document(text)}}


def codes(response: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in response["errors"]]


def registering(folder: Path, *texts: str, **changes: object) -> dict[str, Any]:
    file = folder / "persisted.json"
    manifest.write_manifest(file, [manifest.parse_document(text) for text in texts])
    return {"persisted": {"file": file, **changes}}


async def test_an_automatic_persisted_query_is_sent_in_full_once() -> None:
    async with journey() as of:
        unknown = await sent(of, extensions=persisted(ASK))
        assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
        assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
        whole = await sent(of, query=ASK, extensions=persisted(ASK))
        assert whole["data"]["offerCategories"]
        known = await sent(of, extensions=persisted(ASK))
        assert known["data"] == whole["data"]
        by_id = await sent(of, documentId=f"sha256:{manifest.hash_document(ASK)}")
        assert by_id["data"] == whole["data"]


async def test_a_client_learns_where_automatic_persisted_queries_are_off() -> None:
    async with journey(settings={"persisted": {"remembered_max_characters": 0}}) as of:
        unsupported = await sent(of, extensions=persisted(ASK))
        assert unsupported["errors"][0]["message"] == "PersistedQueryNotSupported"
        assert codes(unsupported) == ["PERSISTED_QUERY_NOT_SUPPORTED"]
        whole = await sent(of, query=ASK, extensions=persisted(ASK))
        assert whole["data"]["offerCategories"]


async def test_an_invalid_document_is_not_remembered() -> None:
    async with journey() as of:
        wrong = "{ nothingLikeThis }"
        assert codes(await sent(of, query=wrong, extensions=persisted(wrong))) == ["INVALID_INPUT"]
        assert codes(await sent(of, extensions=persisted(wrong))) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_a_get_names_a_registered_document(tmp_path: Path) -> None:
    async with journey(settings=registering(tmp_path, ASK)) as of:
        response = await of.client.get(
            "/graphql",
            params={"documentId": manifest.hash_document(ASK)},
            headers={"Accept": "application/json"},
        )
        assert response.json()["data"]["offerCategories"]


async def test_unregistered_documents_are_rejected_if_all_must_be_registered(
    tmp_path: Path,
) -> None:
    async with journey(settings=registering(tmp_path, ASK, policy="registered")) as of:
        assert codes(await sent(of, query="{ __typename }")) == ["PERSISTED_QUERY_REQUIRED"]
        assert (await sent(of, query=ASK))["data"]
        assert of.take_call_counts() == {"list_offer_categories": 1}


async def test_in_production_only_registered_mutations_run() -> None:
    async with journey(settings={"profile": "production"}) as of:
        assert codes(await sent(of, query=SETTLE)) == ["PERSISTED_QUERY_REQUIRED"]
        assert (await sent(of, query=ASK))["data"]


async def test_a_changed_manifest_applies_without_a_restart(tmp_path: Path) -> None:
    clock, other = ManualClock(), "query Other { offerCategories { name } }"
    settings = registering(tmp_path, ASK, policy="registered")
    async with journey(settings=settings, clock=clock) as of:
        assert codes(await sent(of, query=other)) == ["PERSISTED_QUERY_REQUIRED"]
        registering(tmp_path, other)
        clock.advance(1)
        assert (await sent(of, query=other))["data"]
        assert codes(await sent(of, query=ASK)) == ["PERSISTED_QUERY_REQUIRED"]

        settings["persisted"]["file"].write_text("{")
        clock.advance(1)
        assert (await sent(of, documentId=manifest.hash_document(other)))["data"]
        ready = (await of.client.get("/ready")).json()
        assert ready["checks"]["documents"]["status"] == "degraded"


@pytest.mark.parametrize("content", [None, "{}"], ids=["absent", "no manifest"])
def test_an_unreadable_manifest_prevents_the_start(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "persisted.json"
    if content is not None:
        file.write_text(content, "utf-8")
    settings = Settings.model_validate({"persisted": {"file": file}})
    with pytest.raises(SettingsError, match=r"persisted\.json"):
        AppFactory(settings)()


TYPENAMES = """
mutation Settle {
  settleOperation(input: {operationId: "o", outcome: DONE, note: "n"}) {
    userErrors {
      code
      __typename
    }
    __typename
  }
}
"""


async def test_generated_manifests_are_registered_by_hash(tmp_path: Path) -> None:
    file = tmp_path / "persisted-documents.json"
    sha1 = "0a4d55a8d778e5022fab701977c5d840bbc486d0"
    file.write_text(json.dumps({sha1: SETTLE}), "utf-8")
    async with journey(settings={"profile": "production", "persisted": {"file": file}}) as of:
        by_id = await sent(of, documentId=sha1)
        by_hash = await sent(of, extensions={"persistedQuery": {"version": 1, "sha256Hash": sha1}})
    for response in (by_id, by_hash):
        assert response["data"]["settleOperation"]["userErrors"] == [{"code": "NOT_FOUND"}]


async def test_a_registered_mutation_matches_in_another_layout_and_with_typenames(
    tmp_path: Path,
) -> None:
    settings = {"profile": "production", **registering(tmp_path, SETTLE)}
    async with journey(settings=settings) as of:
        responses = [await sent(of, query=TYPENAMES) for _ in range(2)]
        other = await sent(of, query=TYPENAMES.replace("code", "code message"))
    for response in responses:
        (error,) = response["data"]["settleOperation"]["userErrors"]
        assert error == {"code": "NOT_FOUND", "__typename": "UserError"}
    assert codes(other) == ["PERSISTED_QUERY_REQUIRED"]
