"""The linear rule against graphql-core's, its slow twin."""

import random

import pytest
from graphql import (
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    parse,
    validate,
)

from gateway.limits.field_merging import FieldsCanMerge, with_linear_merging
from resolvers.graph import VALIDATION_RULES, build_graph

SCHEMA = build_schema(
    """
    interface Animal { name(of: String): String  age: Int  kin: Animal  all: [Animal!] }
    type Dog implements Animal {
      name(of: String): String  age: Int  kin: Animal  all: [Animal!]
      size: Int  owner: Person  kind: ID  tags: [String]
    }
    type Cat implements Animal {
      name(of: String): String  age: Int  kin: Animal  all: [Animal!]
      size: String  owner: Person!  kind: ID!  tags: [String!]
    }
    type Person { name: String  pet: Animal  dog: Dog  cat: Cat  either: Either }
    union Either = Dog | Cat
    type Query { animal: Animal  dog: Dog  cat: Cat  person(id: Int): Person  either: Either }
    """
)
ON = {
    "Query": ["animal", "dog", "cat", "person", "person(id: 1)", "either"],
    "Animal": ["name", 'name(of: "x")', "age", "kin", "all"],
    "Dog": ["name", "size", "owner", "kind", "tags", "kin", "all"],
    "Cat": ["name", "size", "owner", "kind", "tags", "kin", "all"],
    "Person": ["name", "pet", "dog", "cat", "either"],
    "Either": ["__typename"],
}
BELOW = {
    "animal": "Animal",
    "dog": "Dog",
    "cat": "Cat",
    "person": "Person",
    "either": "Either",
    "kin": "Animal",
    "all": "Animal",
    "owner": "Person",
    "pet": "Animal",
}
NARROWER = {"Animal": ["Animal", "Dog", "Cat"], "Either": ["Dog", "Cat"], "Dog": ["Animal", "Dog"]}
FRAGMENTS = {"OfDog": "Dog", "OfCat": "Cat", "OfAnimal": "Animal", "OfPerson": "Person"}

SPREADING = """
query All {
  animal { ...OfAnimal }  dog { ...OfDog }  cat { ...OfCat }  person { ...OfPerson }
}
"""


class CollidingDocuments:
    """Generates random documents whose aliases often collide."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same documents every time

    def generate(self) -> str:
        fragments = [
            f"fragment {name} on {on} {self._selections(on, 2, [])}"
            for name, on in FRAGMENTS.items()
        ]
        # SPREADING uses every fragment, because unused ones are not compared.
        return "\n".join([self._selections("Query", 0, list(FRAGMENTS)), SPREADING, *fragments])

    def _selections(self, on: str, depth: int, fragments: list[str]) -> str:
        count = self._random.choice([1, 1, 2])
        return "{" + " ".join(self._selection(on, depth, fragments) for _ in range(count)) + "}"

    def _selection(self, on: str, depth: int, fragments: list[str]) -> str:
        applicable = [name for name in fragments if FRAGMENTS[name] in NARROWER.get(on, [on])]
        if applicable and self._random.random() < 0.3:
            return f"...{self._random.choice(applicable)}"
        if depth < 4 and self._random.random() < 0.3:
            narrower = self._random.choice(NARROWER.get(on, [on]))
            return f"... on {narrower} {self._selections(narrower, depth + 1, fragments)}"
        name = self._random.choice(ON[on])
        type_below = BELOW.get(name.partition("(")[0])
        if type_below is not None and depth >= 4:
            return "__typename"
        alias = self._random.choice(["", "", "", "x: "])
        below = self._selections(type_below, depth + 1, fragments) if type_below else ""
        return f"{alias}{name}{below}"


def _errors(text: str, rule: type) -> list[GraphQLError]:
    return validate(SCHEMA, parse(text), [rule])


def test_the_same_documents_are_valid_as_with_the_rule_of_graphql_core() -> None:
    documents = CollidingDocuments(7)
    verdicts = []
    for _ in range(400):
        text = documents.generate()
        expected = bool(_errors(text, OverlappingFieldsCanBeMergedRule))
        assert bool(_errors(text, FieldsCanMerge)) is expected, text
        verdicts.append(expected)
    assert 60 < sum(verdicts) < 340


@pytest.mark.parametrize(
    "text",
    [
        "{ person(id: 1) { name } person(id: 2) { name } }",
        "{ dog { x: name x: age } }",
        "{ animal { ... on Dog { x: size } ... on Cat { x: size } } }",
        "{ animal { ... on Dog { owner { name } } ... on Cat { owner { name } } } }",
        "{ ...A  person { x: name } } fragment A on Query { person { x: __typename } }",
        "{ dog @stream { name } dog { name } }",
        "query ($v: Int, $w: Int) { person(id: $v) { name } person(id: $w) { name } }",
    ],
    ids=["arguments", "fields", "leaves", "nullability", "in a fragment", "streamed", "variables"],
)
def test_a_conflict_reports_both_fields(text: str) -> None:
    (error, *_) = _errors(text, FieldsCanMerge)
    assert "Use different aliases" in error.message
    assert len(error.nodes or ()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "{ animal { ... on Dog { x: name } ... on Cat { x: kind_ } } }",
        "{ ...Unknown ... on Nothing { a } dog { nothing { x } } }",
        "{ dog { ...A } } fragment A on Dog { kin { ...A } x: name x: age }",
        "subscription { nothing }",
        "{ person(id: 1) { name } person(id: 1) { name } }",
        "query ($v: Int) { person(id: $v) { name } person(id: $v) { name } }",
    ],
    ids=["other types", "unknown names", "a cycle", "no such root", "same", "same variable"],
)
def test_errors_of_other_rules_and_valid_documents_are_not_reported(text: str) -> None:
    assert _errors(text, FieldsCanMerge) == []


def test_it_replaces_the_rule_of_graphql_core() -> None:
    rules = with_linear_merging(VALIDATION_RULES)
    assert FieldsCanMerge in rules
    assert OverlappingFieldsCanBeMergedRule not in rules
    assert len(rules) == len(VALIDATION_RULES)


def test_interfaces_of_the_graph_have_only_leaf_fields() -> None:
    types = build_graph()._schema.type_map.values()
    fields = [f for t in types if is_interface_type(t) for f in t.fields.values()]
    assert fields
    assert all(is_leaf_type(get_named_type(field.type)) for field in fields)
