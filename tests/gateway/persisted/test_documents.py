"""Which text a request means, and whether it may run."""

from typing import Any

import pytest
from graphql import OperationType

from gateway.persisted.documents import DocumentRegistry
from gateway.persisted.errors import (
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
    PersistedQueryRequired,
)
from gateway.persisted.manifest import hash_document, parse_document
from gateway.settings.sections import DocumentPolicy
from schema.errors import InvalidInput

KNOWN = parse_document("query Known { __typename }")
OTHER = "query Other { __typename }"


def documents(
    policy: DocumentPolicy = "open", remembered_max_characters: int = 1_000
) -> DocumentRegistry:
    return DocumentRegistry([KNOWN], policy, remembered_max_characters)


def persisted(hash_: object, version: object = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": hash_}}


@pytest.mark.parametrize(
    ("document_id", "extensions"),
    [
        (KNOWN.id, None),
        (f"sha256:{KNOWN.id}", None),
        (None, persisted(KNOWN.id)),
        (None, persisted(KNOWN.id.upper())),
    ],
    ids=["id", "prefixed id", "hash", "upper-case hash"],
)
def test_a_registered_document_is_found_by_its_name(
    document_id: str | None, extensions: dict[str, Any] | None
) -> None:
    assert documents().resolve(None, document_id, extensions) == KNOWN.body


def test_a_text_that_comes_whole_is_taken_as_it_is() -> None:
    assert documents().resolve(OTHER, None, {"other": 1}) == OTHER


def test_a_remembered_document_is_found_by_its_hash() -> None:
    found = documents()
    extensions = persisted(hash_document(OTHER))
    with pytest.raises(PersistedQueryNotFound):
        found.resolve(None, None, extensions)
    assert found.resolve(OTHER, None, extensions) == OTHER
    found.remember(OTHER, extensions)
    assert found.resolve(None, None, extensions) == OTHER


def test_the_oldest_cached_document_is_evicted() -> None:
    found = documents(remembered_max_characters=2 * len(OTHER))
    texts = [OTHER.replace("Other", f"Othe{n}") for n in range(3)]
    for text in texts:
        found.remember(text, persisted(hash_document(text)))
    with pytest.raises(PersistedQueryNotFound):
        found.resolve(None, None, persisted(hash_document(texts[0])))
    assert found.resolve(None, None, persisted(hash_document(texts[2]))) == texts[2]


def test_a_document_beyond_the_room_is_not_remembered() -> None:
    found = documents(remembered_max_characters=len(OTHER) - 1)
    found.remember(OTHER, persisted(hash_document(OTHER)))
    with pytest.raises(PersistedQueryNotFound):
        found.resolve(None, None, persisted(hash_document(OTHER)))


def test_a_document_without_a_hash_is_not_remembered() -> None:
    found = documents()
    found.remember(OTHER, None)
    with pytest.raises(PersistedQueryNotFound):
        found.resolve(None, hash_document(OTHER), None)


def test_without_a_cache_clients_send_the_text() -> None:
    with pytest.raises(PersistedQueryNotSupported, match=r"^PersistedQueryNotSupported$"):
        documents(remembered_max_characters=0).resolve(None, None, persisted(hash_document(OTHER)))


@pytest.mark.parametrize(
    ("query", "document_id", "extensions", "words"),
    [
        (None, None, None, "Send it as `query`"),
        ("", None, {}, "Send it as `query`"),
        (OTHER, KNOWN.id, None, "has both"),
        (OTHER, None, persisted(KNOWN.id), "is not the SHA-256"),
        (None, None, persisted(KNOWN.id, version=2), '"version": 1'),
        (None, None, {"persistedQuery": []}, '"version": 1'),
        (None, None, persisted(7), "must be a string"),
    ],
    ids=["nothing", "empty", "both", "wrong hash", "version 2", "a list", "a number"],
)
def test_a_request_without_a_document_is_an_error_with_the_reason(
    query: str | None, document_id: str | None, extensions: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        documents().resolve(query, document_id, extensions)


@pytest.mark.parametrize(
    ("policy", "text", "operation_type", "may_run"),
    [
        ("open", OTHER, OperationType.MUTATION, True),
        ("mutations-registered", OTHER, OperationType.QUERY, True),
        ("mutations-registered", OTHER, OperationType.SUBSCRIPTION, True),
        ("mutations-registered", OTHER, OperationType.MUTATION, False),
        ("mutations-registered", KNOWN.body, OperationType.MUTATION, True),
        ("registered", OTHER, OperationType.QUERY, False),
        ("registered", OTHER, OperationType.MUTATION, False),
        ("registered", KNOWN.body, OperationType.QUERY, True),
    ],
)
def test_the_policy_decides_what_may_run_unregistered(
    policy: DocumentPolicy, text: str, operation_type: OperationType, may_run: bool
) -> None:
    found = documents(policy)
    if may_run:
        found.check_policy(text, operation_type)
        return
    with pytest.raises(PersistedQueryRequired, match="Only registered"):
        found.check_policy(text, operation_type)
