from gateway.cli.schema_comparison import compare

AGREED = "type Query {\n  size: Int\n  other: Int\n  kind: Kind\n}\n\nenum Kind {\n  OLD\n}\n"


def test_equal_graphs_do_not_differ() -> None:
    found = compare(AGREED, AGREED, "agreed")
    assert (found.diff, found.breaking, found.dangerous) == ((), (), ())


def test_a_changed_type_breaks_clients() -> None:
    found = compare(AGREED, AGREED.replace("size: Int", "size: String"), "agreed")
    assert found.breaking == ("Field Query.size changed type from Int to String.",)
    assert found.diff[:2] == ("--- agreed", "+++ this program")


def test_a_new_member_of_an_enum_may_surprise_clients() -> None:
    found = compare(AGREED, AGREED.replace("  OLD", "  OLD\n  NEW"), "agreed")
    assert found.breaking == ()
    assert found.dangerous == ("Enum value Kind.NEW was added.",)


def test_another_description_is_a_difference_and_nothing_more() -> None:
    found = compare(AGREED, '"""All."""\n' + AGREED, "agreed")
    assert found.diff
    assert (found.breaking, found.dangerous) == ((), ())
