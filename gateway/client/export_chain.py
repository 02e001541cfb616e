"""An export whose lines are chained by hashes, so that a changed or missing line shows.

Each line is a JSON object in its only accepted spelling. Its `hash` is SHA-256 over the line
without `hash`; `previous` is the hash of the line before. The last line has the number of
operations and the filters. If its hash is kept elsewhere, replacing the whole file shows too.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_LINES: Final = ({"number", "previous", "operation"}, {"number", "previous", "end"})
FINAL_STATES: Final = frozenset(
    {"DONE", "DONE_WITH_LICENSE_ERRORS", "REFUSED", "FAILED", "CANCELLED"}
)


class ChainError(Exception):
    """The file is not an unchanged export. The text names the first wrong line."""


@dataclass(frozen=True, slots=True)
class VerifiedExport:
    """An export that was checked and found unchanged.

    Attributes:
        hash: the hash of the last line.
        end: the members of the last line: the time, the filters and the number of operations.
        operations: the exported operations by id.
    """

    hash: str
    end: Mapping[str, Any]
    operations: Mapping[str, Mapping[str, Any]] = field(repr=False)


def chain_lines(
    operations: Iterable[Mapping[str, Any]], end: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield each line with its hash; the last one has `end` and the number of operations."""
    previous, number = "", 0
    for number, operation in enumerate(operations, 1):
        line, previous = _seal({"number": number, "previous": previous, "operation": operation})
        yield line, previous
    closing = {**end, "operations": number}
    yield _seal({"number": number + 1, "previous": previous, "end": closing})


def verify_lines(lines: Iterable[str]) -> VerifiedExport:
    """Check every line. Raises ChainError at the first that was changed, moved or removed."""
    previous, end, operations = "", None, {}
    for number, line in enumerate(lines, 1):
        if end is not None:
            raise ChainError(f"Line {number} follows the end of the export.")
        members = _open(line.rstrip("\n"), number)
        if members["previous"] != previous or members["number"] != number:
            raise ChainError(
                f"Line {number} does not follow the line before it: a line was removed, added or"
                " moved there."
            )
        previous, end = members["hash"], members.get("end")
        if end is None:
            operations[members["operation"]["id"]] = members["operation"]
    if end is None:
        raise ChainError("The end of the export is missing: the last lines were removed.")
    return VerifiedExport(previous, end, operations)


def find_contradictions(
    earlier: VerifiedExport, later: VerifiedExport
) -> Sequence[tuple[str, str]]:
    """Compare two exports with the same filters, and return what cannot be true of both.

    Returns pairs of an operation id and `missing` (from the later export) or `changed`; operations
    never change once they have ended.
    """
    found = []
    for operation_id, before in earlier.operations.items():
        after = later.operations.get(operation_id)
        if after is None:
            found.append((operation_id, "missing"))
        elif before["state"] in FINAL_STATES and after != before:
            found.append((operation_id, "changed"))
    return found


def _seal(members: dict[str, Any]) -> tuple[str, str]:
    digest = hashlib.sha256(_spell(members).encode()).hexdigest()
    return _spell({**members, "hash": digest}), digest


def _open(line: str, number: int) -> dict[str, Any]:
    members: dict[str, Any]
    try:
        members = json.loads(line)
        unsealed = {name: value for name, value in members.items() if name != "hash"}
    except (ValueError, AttributeError):
        members, unsealed = {}, {}
    if set(unsealed) not in _LINES:
        raise ChainError(f"Line {number} is not a line of an export of format 'chained'.")
    # The exact text: a member that is repeated would be read differently by other programs.
    if _seal(unsealed)[0] != line:
        raise ChainError(f"Line {number} was changed: it does not match its hash.")
    return members


def _spell(members: Mapping[str, Any]) -> str:
    return json.dumps(members, sort_keys=True, separators=(",", ":"))
