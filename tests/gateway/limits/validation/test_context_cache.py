"""Validation with what is kept by identity, against graphql-core's own."""

import pytest
from graphql import parse, validate

from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.validation.context_cache import IdentityKeyedCache
from gateway.limits.validation.field_merging import with_linear_merging
from resolvers.graph import VALIDATION_RULES, build_graph
from tests.support.work import calls_of

SCHEMA = unwrap_schema(build_graph())
LINEAR = with_linear_merging(VALIDATION_RULES)
READ = "customer(id: $c) { subscriptions(first: $f) { totalCount } }"
DOCUMENTS = {
    "valid": f"query ($c: ID!, $f: Int) {{ {READ} }}",
    "none": "{ throttle { __typename } }",
    "undefined": f"query ($c: ID!) {{ {READ} }}",
    "undefined in a fragment": f"query ($c: ID!) {{ ...F }} fragment F on Query {{ {READ} }}",
    "undefined without a declaration": f"{{ {READ} }}",
    "unused": "query ($c: ID!, $f: Int) { throttle { __typename } }",
    "unused in one operation": f"query A($c: ID!, $f: Int) {{ {READ} }} query B($c: ID!)"
    " { throttle { __typename } }",
    "in a position of another type": f"query ($c: Int, $f: ID) {{ {READ} }}",
    "in an object": "query ($c: Int) { productUpgradeEligibility(request: {customerId: $c})"
    " { isEligible } }",
    "a sign in a text": '{ node(nodeId: "$c") { nodeId } }',
    "a fragment that nobody spreads": "{ throttle { __typename } } fragment F on Query { x }",
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_the_same_is_found_wrong_in_the_same_words(text: str) -> None:
    document = parse(text)
    found = validate(SCHEMA, document, [IdentityKeyedCache, *LINEAR])
    assert [error.formatted for error in found] == [
        error.formatted for error in validate(SCHEMA, document, LINEAR)
    ]


@pytest.mark.parametrize(
    ("head", "argument", "share"),
    [("", "first: 1", 0.75), ("query ($f: Int!)", "first: $f", 0.9)],
    ids=["without variables", "with one"],
)
def test_it_spares_work(head: str, argument: str, share: float) -> None:
    fields = f"subscriptions({argument}) {{ totalCount }} " * 100
    document = parse(f'{head} {{ customer(id: "a") {{ {fields} }} }}')
    spared = calls_of(lambda: validate(SCHEMA, document, [IdentityKeyedCache, *LINEAR]))
    assert spared < share * calls_of(lambda: validate(SCHEMA, document, LINEAR))
