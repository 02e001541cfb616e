import pytest

from gateway.cli.schema_comparison import InvalidSdl, compare_schemas

AGREED = "type Query {\n  size: Int\n  other: Int\n  kind: Kind\n}\n\nenum Kind {\n  OLD\n}\n"


def test_equal_graphs_do_not_differ() -> None:
    found = compare_schemas(AGREED, AGREED, "agreed")
    assert (found.diff, found.breaking, found.dangerous) == ((), (), ())


def test_a_changed_type_breaks_clients() -> None:
    found = compare_schemas(AGREED, AGREED.replace("size: Int", "size: String"), "agreed")
    assert found.breaking == ("Field Query.size changed type from Int to String.",)
    assert found.diff[:2] == ("--- agreed", "+++ this program")


def test_a_new_member_of_an_enum_may_surprise_clients() -> None:
    found = compare_schemas(AGREED, AGREED.replace("  OLD", "  OLD\n  NEW"), "agreed")
    assert found.breaking == ()
    assert found.dangerous == ("Enum value Kind.NEW was added.",)


def test_another_description_is_a_difference_and_nothing_more() -> None:
    found = compare_schemas(AGREED, '"""All."""\n' + AGREED, "agreed")
    assert found.diff
    assert (found.breaking, found.dangerous) == ((), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [("# Read me", "Syntax Error"), ("type Query { a: Nothing }", "Unknown type 'Nothing'")],
)
def test_an_invalid_schema_is_an_error_of_one_line(text: str, words: str) -> None:
    with pytest.raises(InvalidSdl) as caught:
        compare_schemas(text, AGREED, "agreed")
    assert str(caught.value).startswith("'agreed' is not a schema in SDL: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
