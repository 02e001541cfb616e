"""Each rule: documents at its bound are read, those beyond it are refused by its name."""

from dataclasses import replace

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, get_introspection_query

from gateway.limits.document_rules import DocumentLimits
from gateway.limits.flat_document import CEILING, flatten
from gateway.limits.limit import Limit
from gateway.limits.selections import count_selections
from gateway.limits.tokens import parse_limited
from gateway.settings import LimitsSettings
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE

LIMITS = DocumentLimits.from_settings(LimitsSettings(), reveal_values=True)
FRAGMENT = "fragment F on Query"

# rule, its bound here, a document at the bound, and documents beyond it
CASES = [
    ("characters", 9, "{ a b c }", ["{ a b c }\n"]),
    ("tokens", 5, "{ a b c }", ["{ a b c d }", "{ a b c # comment\n}"]),
    (
        "depth",
        2,
        "{ a { b } }",
        ["{ a { b { c } } }", f"{{ a {{ ...F }} }} {FRAGMENT} {{ a {{ b }} }}"],
    ),
    (
        "introspection_depth",
        2,
        "{ a { b { c } } __schema { types } }",
        [
            "{ __schema { types { name } } }",
            '{ __type(name: "a") { fields { name } } }',
            f"{{ __schema {{ ...F }} }} {FRAGMENT} {{ a {{ b }} }}",
            f"{{ ...F }} {FRAGMENT} {{ __schema {{ types {{ name }} }} }}",
        ],
    ),
    ("operations", 2, "query A { a } query B { a }", ["query A {a} query B {a} query C {a}"]),
    (
        "selections",
        3,
        "{ a ... { b } }",
        ["{ a b c d }", f"{{ ...F a }} {FRAGMENT} {{ b c }}", "query A { a b } query B { a b }"],
    ),
    (
        "root_fields",
        2,
        "{ a { c d e } ... { b { ... { c d e } } } }",
        ["{ a a a }", f"{{ a ... {{ ...F }} }} {FRAGMENT} {{ b c {{ d }} }}"],
    ),
    (
        "aliases",
        1,
        "{ x: a } query B { x: a }",
        ["{ x: a y: a }", f"{{ ...F ...F }} {FRAGMENT} {{ x: a }}"],
    ),
    (
        "directives",
        1,
        "{ a @x }",
        [
            "{ a @x @x }",
            "query @x { a @x }",
            "query ($v: Int @x) { a @x }",
            f"{{ ...F ...F }} {FRAGMENT} @x {{ a }}",
            f"{{ ...F @x ...F @x }} {FRAGMENT} {{ a }}",
            "{ ... @x { a @x } }",
        ],
    ),
    (
        "value_depth",
        1,
        '{ a(x: [1, 2], y: {a: "[[[["}) }',
        [
            "{ a(x: [[1]]) }",
            "{ a(x: {b: {c: 1}}) }",
            "{ a(x: {b: []}) }",
            "query ($v: T = [[]]) { a }",
            "query ($v: T @x(y: [[]])) { a }",
            "query @x(y: [[]]) { a }",
            "{ a @x(y: [[]]) }",
            f"{{ ...F }} {FRAGMENT} {{ a(x: [[]]) }}",
        ],
    ),
]
WITHIN = [pytest.param(rule, most, text, id=rule) for rule, most, text, _ in CASES]
BEYOND = [
    pytest.param(rule, most, text, id=f"{rule}: {text}")
    for rule, most, _, texts in CASES
    for text in texts
]


def _with(rule: str, most: int) -> DocumentLimits:
    return replace(LIMITS, **{rule: Limit(rule, most)})


@pytest.mark.parametrize(("rule", "most", "text"), WITHIN)
def test_a_document_at_the_bound_is_read(rule: str, most: int, text: str) -> None:
    assert _with(rule, most).parse(text).definitions
    with pytest.raises(LimitExceeded):
        _with(rule, most - 1).parse(text)


@pytest.mark.parametrize(("rule", "most", "text"), BEYOND)
def test_a_document_beyond_the_bound_is_refused_by_the_name_of_its_rule(
    rule: str, most: int, text: str
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        _with(rule, most).parse(text)
    assert caught.value.rule == rule


@pytest.mark.parametrize("text", ["{ ...F }" + FRAGMENT + "{ ...F }", "{ a", ""])
def test_what_is_no_document_is_an_error_of_graphql(text: str) -> None:
    with pytest.raises(GraphQLError):
        LIMITS.parse(text)


def test_a_syntax_error_stays_one() -> None:
    with pytest.raises(GraphQLSyntaxError, match="Expected Name"):
        parse_limited("{ a: }", Limit("tokens", 9), Limit("depth", 9))


@pytest.mark.parametrize(("are_told", "told"), [(True, 15), (False, None)])
def test_the_number_is_told_where_it_may_be(told: int | None, *, are_told: bool) -> None:
    aliases = " ".join(f"a{number}: a" for number in range(16))
    with pytest.raises(LimitExceeded) as caught:
        DocumentLimits.from_settings(LimitsSettings(), reveal_values=are_told).parse(
            f"{{ a {{ {aliases} }} }}"
        )
    assert caught.value.maximum == told
    assert "15" not in str(caught.value)


def test_the_usual_introspection_is_within_all_bounds() -> None:
    text = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )
    assert LIMITS.parse(text).definitions


def test_counts_stop_at_a_ceiling() -> None:
    fan_out = next(each.text for each in HOSTILE if "95" in each.name)
    document = flatten(parse_limited(fan_out, LIMITS.tokens, LIMITS.depth))
    assert count_selections(document) == [CEILING]
