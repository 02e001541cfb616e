import pytest
from graphql import parse, validate

from gateway.engine.graphql_internals import IdentityKeyedCache, unwrap_schema
from gateway.limits.field_merging import with_linear_merging
from resolvers.graph import VALIDATION_RULES, build_graph
from tests.support.call_counter import count_calls

SCHEMA = unwrap_schema(build_graph())
RULES = with_linear_merging(VALIDATION_RULES)
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
    "a dollar sign in a string": '{ node(nodeId: "$c") { nodeId } }',
    "a fragment that is not spread": "{ throttle { __typename } } fragment F on Query { x }",
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_caches_keyed_by_identity_lead_to_the_same_errors(text: str) -> None:
    document = parse(text)
    errors = validate(SCHEMA, document, [IdentityKeyedCache, *RULES])
    assert [error.formatted for error in errors] == [
        error.formatted for error in validate(SCHEMA, document, RULES)
    ]


@pytest.mark.parametrize(
    ("head", "argument", "share"),
    [("", "first: 1", 0.75), ("query ($f: Int!)", "first: $f", 0.9)],
    ids=["without variables", "with one"],
)
def test_caches_keyed_by_identity_save_calls(head: str, argument: str, share: float) -> None:
    fields = f"subscriptions({argument}) {{ totalCount }} " * 100
    document = parse(f'{head} {{ customer(id: "a") {{ {fields} }} }}')
    cached = count_calls(lambda: validate(SCHEMA, document, [IdentityKeyedCache, *RULES]))
    assert cached < share * count_calls(lambda: validate(SCHEMA, document, RULES))
