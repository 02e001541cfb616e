"""The verbs' own documents, which every gateway registers."""

import pytest
from graphql import OperationType

from gateway.client import documents
from gateway.limits.factory import build_engine
from gateway.persisted.factory import build_document_registry
from gateway.persisted.manifest import find_invalid, parse_document
from gateway.settings import Settings
from resolvers.graph import build_graph

NAMES = [name for name in vars(documents) if name.isupper() and name[0] != "_" and name != "ALL"]


def test_every_document_is_among_those_that_are_registered() -> None:
    assert sorted(documents.ALL) == sorted(vars(documents)[name] for name in NAMES)


def test_they_fit_the_graph_and_its_limits() -> None:
    settings = Settings.model_validate({"profile": "production"})
    engine = build_engine(build_graph(), settings)
    assert list(find_invalid(map(parse_document, documents.ALL), engine)) == []


@pytest.mark.parametrize("name", NAMES)
def test_they_run_where_only_registered_documents_do(name: str) -> None:
    settings = Settings.model_validate({"persisted": {"policy": "registered"}})
    found = build_document_registry(settings, documents.ALL, lambda: 0.0)
    text = vars(documents)[name]
    found.check_policy(text, OperationType.MUTATION)
    assert found.resolve(None, parse_document(text).id, None) == text
