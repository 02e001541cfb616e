"""Every hostile document is rejected or validated with little work, in both profiles."""

import pytest
from graphql import GraphQLSyntaxError

from gateway.engine import Engine, InvalidDocument
from gateway.limits.factory import build_engine
from gateway.settings import Settings
from resolvers.graph import build_graph
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE_DOCUMENTS, HostileDocument
from tests.support.call_counter import count_calls

# `benches/hostile_documents.py` measures the milliseconds.
MAX_CALLS = 100_000


@pytest.fixture(params=["dev", "production"])
def engine(request: pytest.FixtureRequest) -> Engine:
    settings = Settings(profile=request.param)
    return build_engine(build_graph(suggests_fields=request.param == "dev"), settings)


@pytest.mark.parametrize(
    "hostile", HOSTILE_DOCUMENTS, ids=[each.name for each in HOSTILE_DOCUMENTS]
)
def test_a_hostile_document_is_rejected_by_its_rule_with_little_work(
    engine: Engine, hostile: HostileDocument
) -> None:
    rules: list[str | None] = []
    calls = count_calls(lambda: rules.append(_rejecting_rule(engine, hostile.text)))
    assert rules == [hostile.rule]
    assert calls < MAX_CALLS


def _rejecting_rule(engine: Engine, text: str) -> str | None:
    """Prepare a document. Returns the rule that rejects it, or None if it reaches validation."""
    try:
        engine.prepare(text)
    except LimitExceeded as exceeded:
        return exceeded.rule
    except InvalidDocument as invalid:
        if isinstance(invalid.errors[0], GraphQLSyntaxError):
            return "syntax"
        return "cycle" if "within itself" in str(invalid) else None
    return None
