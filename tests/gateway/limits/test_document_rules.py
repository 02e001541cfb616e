"""Each limit accepts documents at its maximum, and rejects larger ones with its name."""

from dataclasses import replace

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, get_introspection_query

from gateway.limits.document_rules import DocumentLimits, count_selections, parse_limited
from gateway.limits.flat_document import COUNT_CEILING, flatten
from gateway.limits.limit import Limit
from gateway.settings import LimitsSettings
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE_DOCUMENTS

LIMITS = DocumentLimits.from_settings(LimitsSettings(), reveal_values=True)
FRAGMENT = "fragment F on Query"

# rule, maximum, a document at the maximum, and documents beyond it
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
WITHIN = [pytest.param(rule, maximum, text, id=rule) for rule, maximum, text, _ in CASES]
BEYOND = [
    pytest.param(rule, maximum, text, id=f"{rule}: {text}")
    for rule, maximum, _, texts in CASES
    for text in texts
]


def _with_limit(rule: str, maximum: int) -> DocumentLimits:
    return replace(LIMITS, **{rule: Limit(rule, maximum)})


@pytest.mark.parametrize(("rule", "maximum", "text"), WITHIN)
def test_a_document_at_the_maximum_is_accepted(rule: str, maximum: int, text: str) -> None:
    assert _with_limit(rule, maximum).parse(text).definitions
    with pytest.raises(LimitExceeded):
        _with_limit(rule, maximum - 1).parse(text)


@pytest.mark.parametrize(("rule", "maximum", "text"), BEYOND)
def test_a_document_beyond_the_maximum_is_rejected_with_the_name_of_the_rule(
    rule: str, maximum: int, text: str
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        _with_limit(rule, maximum).parse(text)
    assert caught.value.rule == rule


@pytest.mark.parametrize("text", ["{ ...F }" + FRAGMENT + "{ ...F }", "{ a", ""])
def test_a_text_that_is_not_a_document_is_a_graphql_error(text: str) -> None:
    with pytest.raises(GraphQLError):
        LIMITS.parse(text)


def test_a_syntax_error_is_not_a_limit() -> None:
    with pytest.raises(GraphQLSyntaxError, match="Expected Name"):
        parse_limited("{ a: }", Limit("tokens", 9), Limit("depth", 9))


@pytest.mark.parametrize(("reveal_values", "maximum"), [(True, 15), (False, None)])
def test_the_maximum_is_shown_only_if_it_may_be_revealed(
    maximum: int | None, *, reveal_values: bool
) -> None:
    aliases = " ".join(f"a{number}: a" for number in range(16))
    with pytest.raises(LimitExceeded) as caught:
        DocumentLimits.from_settings(LimitsSettings(), reveal_values=reveal_values).parse(
            f"{{ a {{ {aliases} }} }}"
        )
    assert caught.value.maximum == maximum
    assert ("The limit is 15." in str(caught.value)) is reveal_values
    assert ("15" in str(caught.value)) is reveal_values


def test_the_standard_introspection_query_exceeds_no_limit() -> None:
    text = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )
    assert LIMITS.parse(text).definitions


def test_counts_stop_at_a_ceiling() -> None:
    fan_out = next(each.text for each in HOSTILE_DOCUMENTS if "95" in each.name)
    flat = flatten(parse_limited(fan_out, LIMITS.tokens, LIMITS.depth))
    assert count_selections(flat) == [COUNT_CEILING]
