"""Executes operations that are generated from the schema, with existing and unknown ids.

`GENERATED_OPERATIONS=10000 pytest tests/security/test_generated_operations.py` runs more of them.
"""

import asyncio
import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import graphql
import pytest
from graphql import DocumentNode, ObjectFieldNode, StringValueNode, Visitor, visit
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from gateway.sandbox.examples import Examples
from resolvers.graph import build_graph
from tests.support.journey import Journey, journey
from tests.support.response_checker import ResponseChecker
from tests.support.secrets import assert_no_secret

OPERATIONS: Final = int(os.environ.get("GENERATED_OPERATIONS", "100"))
SDL: Final = build_graph().as_str()
SCHEMA: Final = graphql.build_schema(SDL)
CODES: Final = {
    "INVALID_INPUT",
    "NOT_FOUND",
    "FORBIDDEN",
    "LIMIT_EXCEEDED",
    "CONFLICT",
    "THROTTLED",
}
# Executed, rejected before execution, or beyond a rate limit; never a server error.
STATUSES: Final = {200, 400, 403, 422, 429}
SCALARS: Final = {
    "DateTime": st.datetimes().map(lambda at: StringValueNode(value=f"{at.isoformat()}Z")),
    "JSON": st.just(StringValueNode(value="{}")),
}


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(runner: asyncio.Runner) -> Iterator[Journey]:
    opened = journey(settings={"limits": {"max_upstream_calls": 60}})
    yield runner.run(opened.__aenter__())
    runner.run(opened.__aexit__(None, None, None))


class ExistingIds(Visitor):
    """Replaces some ids by existing ones, and lets no mutation wait for its operation."""

    def __init__(self, pick: Callable[[str, str], str]) -> None:
        super().__init__()
        self._pick = pick

    def enter_argument(self, node: graphql.ArgumentNode, *_: Any) -> Any:
        return self._replace_id(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        if node.name.value == "waitSeconds":
            return _with_value(node, graphql.IntValueNode(value="0"))
        return self._replace_id(node)

    def _replace_id(self, node: Any) -> Any:
        name = node.name.value
        is_text = isinstance(node.value, StringValueNode | graphql.IntValueNode)
        if not is_text or not (name == "id" or name.endswith("Id")):
            return None
        return _with_value(node, StringValueNode(value=self._pick(name, node.value.value)))


def _with_value(node: Any, value: graphql.ValueNode) -> Any:
    return type(node)(name=node.name, value=value)


@st.composite
def operations(draw: st.DrawFn, examples: Examples) -> str:
    """Generate an operation in which about half of the ids exist."""
    document = draw(from_schema(SDL, custom_scalars=SCALARS, print_ast=lambda node: node))
    assert isinstance(document, DocumentNode)
    known = dataclasses.asdict(examples)

    def pick(name: str, generated: str) -> str:
        kind = {"id": "", "targetOfferId": "offer_id"}.get(name, _snake(name))
        matching = sorted(value for key, value in known.items() if key.endswith(kind))
        return draw(st.sampled_from([generated, *matching])) if matching else generated

    return graphql.print_ast(visit(document, ExistingIds(pick)))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


# The threads of the operation store use random numbers at the same time.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_every_generated_operation_has_a_valid_response_without_a_fault(
    runner: asyncio.Runner, gateway: Journey
) -> None:
    @settings(
        max_examples=OPERATIONS,
        database=None,
        derandomize=True,
        phases=[Phase.generate],  # shrinking takes minutes and gains little
        suppress_health_check=list(HealthCheck),
    )
    @given(operations(gateway.sandbox.world.examples))
    def check(text: str) -> None:
        response = runner.run(execute(gateway, text))
        for error in response.get("errors", ()):
            assert error["extensions"]["code"] in CODES, error
        assert_no_secret(str(response.get("errors")))
        if response.get("data"):
            ResponseChecker(SCHEMA, graphql.parse(text)).check(response["data"])

    check()


async def execute(gateway: Journey, text: str) -> dict[str, Any]:
    response = await gateway.client.post("/graphql", json={"query": text})
    assert response.status_code in STATUSES, response.text
    content: dict[str, Any] = response.json()
    assert set(content) <= {"data", "errors", "extensions"}
    return content
