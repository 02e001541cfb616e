import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from gateway.client.export_chain import (
    ChainError,
    chain_lines,
    find_contradictions,
    verify_lines,
)

Lines = list[str]


def operation(number: int, state: str = "DONE", **others: Any) -> dict[str, Any]:
    return {"id": f"id-{number}", "state": state, "principal": "Zoë", **others}


def export(*operations: dict[str, Any]) -> Lines:
    return [line for line, _ in chain_lines(operations, {"filters": {}})]


EXPORT: Final = export(*map(operation, range(4)))


def test_an_unchanged_export_is_verified_with_its_hash_and_end() -> None:
    *_, (_, last_hash) = chain_lines(map(operation, range(4)), {"filters": {}})
    verified = verify_lines(f"{line}\n" for line in EXPORT)
    assert verified.hash == last_hash
    assert verified.end == {"filters": {}, "operations": 4}
    assert list(verified.operations) == ["id-0", "id-1", "id-2", "id-3"]


def test_an_export_without_operations_is_verified() -> None:
    assert verify_lines(export()).operations == {}


def with_member(line: str, **members: Any) -> str:
    return json.dumps({**json.loads(line), **members}, sort_keys=True, separators=(",", ":"))


def rehashed(lines: Lines) -> Lines:
    """Only the second line is sealed again, as by someone who has changed it."""
    first, changed, *others = lines
    members = json.loads(changed)["operation"] | {"state": "FAILED"}
    sealed = export(json.loads(first)["operation"], members)[1]
    return [first, sealed, *others]


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda lines: [*lines[:1], *lines[2:]], "Line 2 does not follow"),
        (lambda lines: lines[1:], "Line 1 does not follow"),
        (lambda lines: lines[:-1], "The end of the export is missing"),
        (lambda lines: [], "The end of the export is missing"),
        (lambda lines: [*lines[:-2], lines[-1]], "Line 4 does not follow"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "Line 1 does not follow"),
        (lambda lines: [lines[0], *lines], "Line 2 does not follow"),
        (lambda lines: [*lines, lines[-1]], "Line 6 follows the end"),
        (lambda lines: [lines[0].replace("DONE", "DONT"), *lines[1:]], "Line 1 was changed"),
        (lambda lines: [with_member(lines[0], number=7), *lines[1:]], "Line 1 was changed"),
        (lambda lines: [f" {lines[0]}", *lines[1:]], "Line 1 was changed"),
        (
            lambda lines: [lines[0].replace('"state":', '"state":"FAILED","state":'), *lines[1:]],
            "Line 1 was changed",
        ),
        (lambda lines: [with_member(lines[0], more=1), *lines[1:]], "Line 1 is not a line"),
        (lambda lines: ["[]", *lines[1:]], "Line 1 is not a line"),
        (lambda lines: ["{", *lines[1:]], "Line 1 is not a line"),
        (lambda lines: ["", *lines], "Line 1 is not a line"),
        (rehashed, "Line 3 does not follow"),
    ],
)
def test_what_was_changed_or_removed_is_named(alter: Callable[[Lines], Lines], said: str) -> None:
    with pytest.raises(ChainError, match=said):
        verify_lines(alter(EXPORT))


def test_a_whole_export_that_was_replaced_has_another_hash() -> None:
    replaced = verify_lines(export(*map(operation, range(3))))
    assert replaced.hash != verify_lines(EXPORT).hash


def test_operations_that_a_later_export_lacks_or_shows_otherwise_are_found() -> None:
    earlier = verify_lines(
        export(operation(1), operation(2), operation(3), operation(4, "IN_DOUBT"), operation(5))
    )
    later = verify_lines(
        export(
            operation(9),
            operation(1),
            operation(3, "FAILED"),
            operation(4, "DONE"),
            operation(5),
        )
    )
    assert find_contradictions(earlier, later) == [("id-2", "missing"), ("id-3", "changed")]
    assert find_contradictions(earlier, earlier) == []
