"""Reads a CSV file of upgrades. An ambiguous file is rejected as a whole.

A wrong quantity would be bought, so nothing is skipped, truncated or guessed.
"""

import csv
import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.client.gateway_client import ClientError

_REQUIRED: Final = ("customerId", "subscriptionId", "targetOfferId", "upgradeType")
_QUANTITY: Final = "quantity"
_COLUMNS: Final = (*_REQUIRED, _QUANTITY)
_COLUMNS_BY_CASEFOLD: Final = {name.casefold(): name for name in _COLUMNS}
_KNOWN: Final = f"Known columns: {', '.join(_REQUIRED)} and, optional, {_QUANTITY}."
# "qty" and "quantity" have a ratio of 0.55, below difflib's default cutoff of 0.6.
_SUGGESTION_CUTOFF: Final = 0.5
_OTHER_DELIMITERS: Final = {";": "';'", "\t": "a tab", "|": "'|'"}
_MAX_PROBLEMS: Final = 10
_MAX_QUANTITY: Final = 2**31 - 1  # Int of GraphQL
_SHOWN_CHARS: Final = 40

TableRow = tuple[int, list[str]]
UpgradeLine = dict[str, object]


class TableError(ClientError):
    """The file is invalid. The text names the file, lines and columns."""


def read_upgrades(file: Iterable[str], name: str) -> dict[int, UpgradeLine]:
    """Read a CSV file whose first line names the columns, in any order and letter case.

    An empty quantity is None, which means the quantity of the subscription. Empty lines are
    skipped. Returns the upgrades by the number of their first line, in the order of the file.

    Args:
        file: lines as `open(newline="")` yields them, without a byte order mark.
        name: the name of the file in error messages.

    Raises:
        TableError: the file is invalid; names the first problems.
    """
    try:
        lines = list(file)
        rows = list(_parse_rows(lines, name))
    except UnicodeDecodeError as error:
        raise TableError(
            f"{name}: the file is not UTF-8 ({error.reason} at byte {error.start}); save it as"
            " 'CSV UTF-8 (comma delimited)'"
        ) from error
    columns, problems = _parse_header(rows[0]) if rows else ([], [f"the file is empty. {_KNOWN}"])
    if not problems:
        problems = [each for row in rows[1:] for each in _find_problems(columns, row)]
        problems = problems or list(_find_duplicates(columns, rows[1:]))
    if not problems and len(rows) == 1:
        problems = ["there is no line after the header; add an upgrade"]
    if problems:
        raise TableError(_join_problems(problems, name))
    return {line: _parse_upgrade(columns, cells) for line, cells in rows[1:]}


def _parse_rows(lines: Sequence[str], name: str) -> Iterator[TableRow]:
    """Yield the rows that are not empty, each with the number of its first line."""
    if delimiter := _detect_other_delimiter(lines):
        raise TableError(f"{name}: fields are separated by {delimiter}; expected ','")
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    begins_at = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield begins_at, stripped
            begins_at = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{name}: line {begins_at} is not CSV: {error}") from error


def _detect_other_delimiter(lines: Sequence[str]) -> str | None:
    """Return the delimiter of the header if it is not a comma."""
    header = next((line for line in lines if line.strip()), "")
    for delimiter, name in _OTHER_DELIMITERS.items():
        cells = header.casefold().split(delimiter)
        if any(cell.strip(' \r\n"') in _COLUMNS_BY_CASEFOLD for cell in cells[1:]):
            return name
    return None


def _parse_header(header: TableRow) -> tuple[list[str], list[str]]:
    """Return the names of the columns, "" for one without a name, and the problems."""
    line, cells = header
    columns: list[str] = []
    problems: list[str] = []
    for cell in cells:
        column = _COLUMNS_BY_CASEFOLD.get(cell.casefold(), "")
        where = f"line {line}, column {len(columns) + 1}"
        if cell and not column:
            problems.append(f"{where}: unknown column {_quote(cell)}. {_suggest(cell)}{_KNOWN}")
        elif column and column in columns:
            first = columns.index(column) + 1
            problems.append(f"{where}: {column!r} is named twice, first in column {first}")
        columns.append(column)
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        problems.append(f"line {line}: missing columns: {', '.join(missing)}")
    return columns, problems


def _suggest(cell: str) -> str:
    near = difflib.get_close_matches(
        cell.casefold(), _COLUMNS_BY_CASEFOLD, n=1, cutoff=_SUGGESTION_CUTOFF
    )
    return f"Did you mean {_COLUMNS_BY_CASEFOLD[near[0]]!r}? " if near else ""


def _find_problems(columns: Sequence[str], row: TableRow) -> Iterator[str]:
    line, cells = row
    yield from _find_surplus_cells(columns, row)
    for number, name in enumerate(columns, start=1):
        if not name:
            continue
        where = f"line {line}, column {number}"
        if number > len(cells):
            counts = f"{len(cells)} of {len(columns)} fields"
            yield f"{where}: {name!r} is missing: the line has {counts}"
        elif name == _QUANTITY:
            yield from _check_quantity(where, cells[number - 1])
        elif not cells[number - 1]:
            yield f"{where}: {name!r} is empty"


def _find_duplicates(columns: Sequence[str], rows: Sequence[TableRow]) -> Iterator[str]:
    """Yield a problem for each subscription that an earlier line upgrades too."""
    first_in: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        upgrade = _parse_upgrade(columns, cells)
        source = (str(upgrade["customerId"]).lower(), str(upgrade["subscriptionId"]).lower())
        earlier = first_in.setdefault(source, line)
        if earlier != line:
            yield (
                f"line {line}: subscription {_quote(str(upgrade['subscriptionId']))} is upgraded by"
                f" line {earlier} too; remove one of them"
            )


def _find_surplus_cells(columns: Sequence[str], row: TableRow) -> Iterator[str]:
    """Yield a problem for a field without a column, such as from an unquoted 1,500."""
    line, cells = row
    for number, cell in enumerate(cells, start=1):
        if number > len(columns) or (cell and not columns[number - 1]):
            yield (
                f"line {line}, column {number}: surplus field {_quote(cell)} without a"
                " column; write numbers without thousands separators"
            )
            return


def _check_quantity(where: str, cell: str) -> Iterator[str]:
    if cell and _parse_quantity(cell) is None:
        yield (
            f"{where}: {_QUANTITY!r} is {_quote(cell)}; expected a whole number of at least 1,"
            " only digits, such as 1500, or an empty field for the quantity of the subscription"
        )


def _parse_quantity(cell: str) -> int | None:
    """Parse digits; None for anything else, because 1.500 may mean 1 or 1500."""
    if not (cell.isascii() and cell.isdecimal() and len(cell) <= len(str(_MAX_QUANTITY))):
        return None
    return number if 1 <= (number := int(cell)) <= _MAX_QUANTITY else None


def _parse_upgrade(columns: Sequence[str], cells: Sequence[str]) -> UpgradeLine:
    named = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    return {**named, _QUANTITY: _parse_quantity(named.get(_QUANTITY, ""))}


def _join_problems(problems: Sequence[str], name: str) -> str:
    lines = [f"{name}: {problem}" for problem in problems[:_MAX_PROBLEMS]]
    more = len(problems) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def _quote(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN_CHARS else f"{cell[:_SHOWN_CHARS]}…")
