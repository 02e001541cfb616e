"""The engine's results equal those of graphql-core under Strawberry."""

import asyncio
import gc
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable

import pytest

from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from tests.gateway.engine.comparisons import (
    EngineComparison,
    every_kind_comparison,
    graph_comparison,
)
from tests.gateway.engine.document_writer import RandomDocument
from tests.gateway.engine.fake_directory import guid
from tests.gateway.engine.result_equality import Equality
from tests.journeys import (
    test_documented_members,
    test_error_samples,
    test_nested_reads,
    test_upstream_faults,
)

# `python -m benches.engine_equality` runs 20,000, which takes 15 minutes.
RANDOM_DOCUMENTS = int(os.environ.get("ENGINE_EQUALITY_DOCUMENTS", "50"))

EXAMPLES = [
    example
    for example in example_documents(ExampleIds(*map(guid, range(1, 12))))
    if "\nsubscription " not in example.query  # graphql-core executes each event
]
JOURNEYS = [
    text
    for module in (
        test_error_samples,
        test_nested_reads,
        test_documented_members,
        test_upstream_faults,
    )
    for text in vars(module).values()
    if isinstance(text, str) and text.lstrip().startswith(("query", "{"))
]
# When a list of awaitables fails, graphql-core does not await all of its coroutines.
IGNORE_LEAKS_OF_GRAPHQL_CORE = pytest.mark.filterwarnings(
    "ignore:coroutine '.*' was never awaited:RuntimeWarning",
    "ignore:Exception ignored in. <coroutine:pytest.PytestUnraisableExceptionWarning",
)
COMPARISONS = [
    pytest.param(graph_comparison, id="this project's schema"),
    pytest.param(every_kind_comparison, id="every kind of type"),
]

# Documents that were or could easily be executed wrongly, on the schema of every kind of type.
EDGE_CASES = [
    "{ thing { sureChildLater { sureChildLater { sureChildLater { number } } } } }",
    "{ thing(number: 8) { sureChild { number } } also: sureThing { number } }",
    "{ sureThing(number: 8) { sureChild { number } childLater { number } } }",
    "{ thing { childrenLater(count: 9) { surelyFailsLater number childLater { number } } } }",
    "{ thing { awaitedChildren(count: 9) { number scalars { string strings matrix } } } }",
    "{ things(count: 30) { scalars { integer number string truth id colour size strings } } }",
    "{ things(count: 30) { scalarsLater { day moment clock price uuid json matrix cube } } }",
    "{ things(count: 9) { either { __typename } coloured { colour } cloud { name height } } }",
    "{ things(count: 9) { lazyChildren { number } noList aStream aFuture anAwaitable } }",
    "{ things(count: 4) { cast { number name } allNumbered { __typename number } } }",
    '{ things(count: 4) { permitted permittedLater { permitted } shouted(word: "a") } }',
    "{ thing { where a: where(depth: 1) child { childLater { where } } } number ofRoot { where } }",
    "{ thing { children { number } children { doubled children { number } } } thing { number } }",
    "{ things { ...A } } fragment A on Numbered { number ... on Thing { colour ...B } } "
    "fragment B on Coloured { colour ... { __typename } }",
    "mutation { change { number } sureChange(number: 3) { number } changeAtOnce { number } }",
    "mutation { a: change { number } b: change(number: 3) { number } changeAtOnce { where } }",
    'query ($p: Point) { thing { echo(point: $p, json: {a: [1, {b: "c"}]}, colours: [VERT]) } }',
    "query ($p: Point = {x: 1}) { thing { echo(point: $p) a: echo(shape: {points: [$p]}) } }",
    "query ($t: Boolean = true) { thing { number @skip(if: $t) doubled @include(if: $t) } }",
    "query ($missing: Float) { thing { echo(number: $missing) } }",
    "{ __schema { queryType { name } } thing { number } }",
    "{ thing { number } } subscription { nothing }",
    "query ($n: Int!) { thing(number: $n) { number } }",
    "{ nothing }",
    "{",
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
async def test_examples_have_the_same_results(example: ExampleDocument) -> None:
    query, variables = example.query, example.variables
    document = RandomDocument(query, json.loads(variables) if variables else {})

    assert await graph_comparison().compare(document) is Equality.SAME


@pytest.mark.parametrize("text", JOURNEYS)
async def test_documents_of_the_journeys_have_the_same_results(text: str) -> None:
    variables = {"id": guid(1), "customer": guid(1), "subscription": guid(2)}

    assert await graph_comparison().compare(RandomDocument(text, variables)) is Equality.SAME


@IGNORE_LEAKS_OF_GRAPHQL_CORE
@pytest.mark.parametrize("text", EDGE_CASES)
async def test_edge_cases_have_the_same_results(text: str) -> None:
    document = RandomDocument(text, {"n": "not a number"} if "$n" in text else {})

    assert await every_kind_comparison().compare(document) is not Equality.DIFFERENT


async def test_root_fields_of_a_mutation_run_one_after_the_other() -> None:
    text = """mutation {
        a: change(number: 1) { childLater { number } }
        changeAtOnce { number }
        b: change(number: 2) { number }
        sureChange(number: 7) { number }
        never: change(number: 5) { number }
    }"""
    comparison = every_kind_comparison()
    context: dict[str, list[str]] = {"log": []}

    result = await comparison.engine.execute(text, context=context)

    assert result.data is None
    assert context["log"] == [*("begin 1", "end 1", "at once 3", "begin 2", "end 2", "sure 7")]
    assert await comparison.compare(RandomDocument(text)) is Equality.SAME


@IGNORE_LEAKS_OF_GRAPHQL_CORE
@pytest.mark.parametrize("make", COMPARISONS)
async def test_random_documents_have_the_same_results(make: Callable[[], EngineComparison]) -> None:
    comparison = make()
    writer = comparison.writer(seed=2)
    counts: Counter[Equality] = Counter()
    for _ in range(RANDOM_DOCUMENTS):
        document = writer.document()
        equality = await comparison.compare(document)
        assert equality is not Equality.DIFFERENT, (document.text, document.variables)
        counts[equality] += 1
    gc.collect()

    assert counts[Equality.SAME] > RANDOM_DOCUMENTS / 2


async def test_the_engine_leaves_no_task_and_no_unawaited_coroutine() -> None:
    comparison = every_kind_comparison()
    writer = comparison.writer(seed=5)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(RANDOM_DOCUMENTS):
            await comparison.with_engine(writer.document())
            assert asyncio.all_tasks() == {asyncio.current_task()}
        gc.collect()

    assert [str(warning.message) for warning in caught] == []
