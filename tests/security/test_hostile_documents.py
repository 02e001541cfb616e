"""Every hostile document is refused or validated with little work, in both profiles."""

import pytest
from graphql import GraphQLSyntaxError

from gateway.engine import Engine, InvalidDocument
from gateway.limits.factory import build_engine
from gateway.settings import Settings
from resolvers.graph import build_graph
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE, Hostile
from tests.support.work import calls_of

# benches/hostile.py has the milliseconds.
MOST_CALLS = 100_000


@pytest.fixture(params=["dev", "production"])
def engine(request: pytest.FixtureRequest) -> Engine:
    settings = Settings(profile=request.param)
    return build_engine(build_graph(suggests_fields=request.param == "dev"), settings)


@pytest.mark.parametrize("hostile", HOSTILE, ids=[each.name for each in HOSTILE])
def test_a_hostile_document_is_dealt_with_by_its_rule(engine: Engine, hostile: Hostile) -> None:
    found: list[str | None] = []
    calls = calls_of(lambda: found.append(_refused_by(engine, hostile.text)))
    assert found == [hostile.rule]
    assert calls < MOST_CALLS


def _refused_by(engine: Engine, text: str) -> str | None:
    """Prepare a document; the rule that refused it, none where it got as far as validation."""
    try:
        engine.prepare(text)
    except LimitExceeded as exceeded:
        return exceeded.rule
    except InvalidDocument as invalid:
        if isinstance(invalid.errors[0], GraphQLSyntaxError):
            return "syntax"
        return "cycle" if "within itself" in str(invalid) else None
    return None
