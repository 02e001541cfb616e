import pytest
from graphql import GraphQLError, build_schema, execute_sync, parse, validate

from schema.quoting import (
    MAX_MESSAGE_CHARS,
    MAX_QUOTED_CHARS,
    quote,
    shorten,
    shorten_message,
    shorten_middle,
)

LONG = "x" * 500_000


@pytest.mark.parametrize("value", ["", "a", "it's", 'say "a"', "é", "x" * 80, 1, None])
def test_a_short_value_is_quoted_as_it_is(value: object) -> None:
    assert quote(value) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        LONG,
        "x" * 81,
        "\0" * 500_000,
        "\U000e0001" * 500_000,
        "'\"" * 500_000,
        {"a": LONG},
        [1] * 99,
    ],
    ids=["letters", "one too many", "NUL", "a tag", "both quotes", "an object", "an array"],
)
def test_a_long_value_is_cut_off(value: object) -> None:
    shown = quote(value)
    assert len(shown) == len("''…") + MAX_QUOTED_CHARS
    assert shown[-1] == "…"
    assert shown.isprintable()


def test_a_text_is_cut_off_at_its_end() -> None:
    assert shorten("x" * 80) == "x" * 80
    assert shorten("x" * 81) == "x" * 79 + "…"


def test_a_text_is_cut_off_in_its_middle() -> None:
    assert shorten_middle("abc", 3) == "abc"
    assert shorten_middle("abcdef", 5) == "ab…ef"


SCHEMA = build_schema(
    """
    enum Colour { RED }
    input Point { x: Int!, colour: Colour, label: String }
    type Query { one(x: Int, point: Point, colour: Colour, text: String, is: Boolean): Query }
    """
)
DOCUMENTS = {
    "a field": "{ %s }",
    "an argument": "{ one(%s: 1) { __typename } }",
    "a directive": "{ one @%s { __typename } }",
    "a fragment": "{ one { ...%s } }",
    "a type": "{ one { ... on %s { __typename } } }",
    "a variable that is not used": "query($%s: Int) { __typename }",
    "a variable that is not defined": "{ one(x: $%s) { __typename } }",
    "a name for a number": "{ one(x: %s) { __typename } }",
    "a text for a number": '{ one(x: "%s") { __typename } }',
    "a value of an enum": "{ one(colour: %s) { __typename } }",
    "a text for an enum": '{ one(colour: "%s") { __typename } }',
    "a member": "{ one(point: {x: 1, %s: 1}) { __typename } }",
    "a member instead of another": "{ one(point: {%s: 1}) { __typename } }",
    "a list for an object": '{ one(point: ["%s"]) { __typename } }',
    "an object for a text": '{ one(text: {a: "%s"}) { __typename } }',
    "an operation": "query %s($a: Int) { __typename }",
    "two operations": "query %s { __typename } query %s { __typename }",
    "a definition": "type %s { a: Int }",
    "no document": "%s",
    "a text with blanks": '{ one(x: "a %s b") { __typename } }',
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_graphql_core_quotes_of_a_document_is_cut_off(document: str) -> None:
    for error in _errors(document.replace("%s", LONG)):
        _check(error.message)


VARIABLES: dict[str, tuple[str, object]] = {
    "a text for a number": ("Int", LONG),
    "a member for a number": ("Point", {"x": LONG}),
    "a member that is not known": ("Point", {LONG: 1, "x": 1}),
    "many members": ("Point", {"x": 1, **{f"{LONG}{number}": LONG for number in range(20)}}),
    "a text for an object": ("Point", LONG),
    "a value of an enum": ("Colour", LONG),
    "an object for a text": ("String", {LONG: LONG}),
    "a number": ("Int", 10**4000),
}


@pytest.mark.parametrize(("kind", "value"), VARIABLES.values(), ids=VARIABLES)
def test_what_graphql_core_quotes_of_variables_is_cut_off(kind: str, value: object) -> None:
    document = parse(f"query($value: {kind}) {{ __typename }}")
    result = execute_sync(SCHEMA, document, variable_values={"value": value})
    assert result.errors
    for error in result.errors:
        _check(error.message)


@pytest.mark.parametrize(
    "message",
    [
        "Cannot query field 'nme' on type 'Customer'. Did you mean 'name', or 'names', instead?",
        "The caller's rate isn't known, and the gateway's limits aren't either; that is all right"
        " as long as it doesn't ask for more than one caller's share.",
    ],
    ids=["two names", "apostrophes"],
)
def test_a_message_without_long_input_is_shown_as_it_is(message: str) -> None:
    assert shorten_message(message) == message


def _errors(document: str) -> list[GraphQLError]:
    try:
        return validate(SCHEMA, parse(document))
    except GraphQLError as error:
        return [error]


def _check(message: str) -> None:
    shown = shorten_message(message)
    assert "x" * (MAX_QUOTED_CHARS + 1) not in shown
    assert len(shown) <= 300 < MAX_MESSAGE_CHARS
    assert shown[:10] == message[:10]
