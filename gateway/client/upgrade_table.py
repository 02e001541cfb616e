"""Reads a table of upgrades; one that could be read in two ways is refused as a whole.

A wrong quantity is bought, so nothing in the table is skipped, cut or guessed.
"""

import csv
import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.client.connection import ClientProblem

_REQUIRED: Final = ("customerId", "subscriptionId", "targetOfferId", "upgradeType")
_QUANTITY: Final = "quantity"
_COLUMNS: Final = (*_REQUIRED, _QUANTITY)
_BY_FOLDED_NAME: Final = {name.casefold(): name for name in _COLUMNS}
_KNOWN: Final = f"Known columns: {', '.join(_REQUIRED)} and, optional, {_QUANTITY}."
# "qty" is as close to "quantity" as 0.55; the 0.6 of difflib would not see it.
_NEAR: Final = 0.5
_OTHER_DELIMITERS: Final = {";": "';'", "\t": "a tab", "|": "'|'"}
_MOST_PROBLEMS: Final = 10
_MAX_QUANTITY: Final = 2**31 - 1  # Int of GraphQL
_SHOWN_CHARS: Final = 40

Row = tuple[int, list[str]]
Upgrade = dict[str, object]


class WrongTable(ClientProblem):
    """The file is no table of upgrades; the text names the file, the line and the column."""


def read_upgrades(file: Iterable[str], name: str) -> list[Upgrade]:
    """Read CSV whose first line names the columns, in any order, case and outer blanks ignored.

    An empty quantity is None: the source's quantity. Lines without any text are skipped.

    Args:
        file: lines as `open(newline="")` yields them, without a byte order mark.
        name: of the file, for error messages.

    Raises:
        WrongTable: names the first problems of all lines.
    """
    try:
        lines = list(file)
        rows = list(_rows(lines, name))
    except UnicodeDecodeError as error:
        raise WrongTable(
            f"{name}: the file is not UTF-8 ({error.reason} at byte {error.start}); save it as"
            " 'CSV UTF-8 (comma delimited)'"
        ) from error
    columns, problems = _columns(rows[0]) if rows else ([], [f"the file is empty. {_KNOWN}"])
    if not problems:
        problems = [each for row in rows[1:] for each in _problems(columns, row)]
    if not problems and len(rows) == 1:
        problems = ["there is no line below the one that names the columns; add an upgrade"]
    if problems:
        raise WrongTable(_listed(problems, name))
    return [_upgrade(columns, cells) for _, cells in rows[1:]]


def _rows(lines: Sequence[str], name: str) -> Iterator[Row]:
    """Yield lines that hold any text, each with the number of the line it begins in."""
    if delimiter := _other_delimiter(lines):
        raise WrongTable(f"{name}: fields are separated by {delimiter}; expected ','")
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    begins_at = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield begins_at, stripped
            begins_at = reader.line_num + 1
    except csv.Error as error:
        raise WrongTable(f"{name}: line {begins_at} is not CSV: {error}") from error


def _other_delimiter(lines: Sequence[str]) -> str | None:
    """Name what separates the columns in the first line where it is no comma."""
    header = next((line for line in lines if line.strip()), "")
    for delimiter, name in _OTHER_DELIMITERS.items():
        cells = header.casefold().split(delimiter)
        if any(cell.strip(' \r\n"') in _BY_FOLDED_NAME for cell in cells[1:]):
            return name
    return None


def _columns(header: Row) -> tuple[list[str], list[str]]:
    """Return the column names as this file knows them, "" for an unnamed one, and what is wrong."""
    line, cells = header
    columns: list[str] = []
    problems: list[str] = []
    for cell in cells:
        column = _BY_FOLDED_NAME.get(cell.casefold(), "")
        where = f"line {line}, column {len(columns) + 1}"
        if cell and not column:
            problems.append(f"{where}: unknown column {_shown(cell)}. {_suggestion(cell)}{_KNOWN}")
        elif column and column in columns:
            first = columns.index(column) + 1
            problems.append(f"{where}: {column!r} is named twice, first in column {first}")
        columns.append(column)
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        problems.append(f"line {line}: missing columns: {', '.join(missing)}")
    return columns, problems


def _suggestion(cell: str) -> str:
    near = difflib.get_close_matches(cell.casefold(), _BY_FOLDED_NAME, n=1, cutoff=_NEAR)
    return f"Did you mean {_BY_FOLDED_NAME[near[0]]!r}? " if near else ""


def _problems(columns: Sequence[str], row: Row) -> Iterator[str]:
    line, cells = row
    yield from _surplus_cells(columns, row)
    for number, name in enumerate(columns, start=1):
        if not name:
            continue
        where = f"line {line}, column {number}"
        if number > len(cells):
            counts = f"{len(cells)} of {len(columns)} fields"
            yield f"{where}: {name!r} is missing: the line has {counts}"
        elif name == _QUANTITY:
            yield from _quantity_problem(where, cells[number - 1])
        elif not cells[number - 1]:
            yield f"{where}: {name!r} is empty"


def _surplus_cells(columns: Sequence[str], row: Row) -> Iterator[str]:
    """Find fields that no column names; a number such as 1,500 without quotes makes one."""
    line, cells = row
    for number, cell in enumerate(cells, start=1):
        if number > len(columns) or (cell and not columns[number - 1]):
            yield (
                f"line {line}, column {number}: surplus field {_shown(cell)}, which no column"
                " names; numbers are written without separators of thousands"
            )
            return


def _quantity_problem(where: str, cell: str) -> Iterator[str]:
    if cell and _quantity(cell) is None:
        yield (
            f"{where}: {_QUANTITY!r} is {_shown(cell)}; expected a whole number from 1 in digits"
            " alone, such as 1500, or an empty field for the quantity of the subscription"
        )


def _quantity(cell: str) -> int | None:
    """Read digits; None for anything else, so that 1.500 is neither 1 nor 1500."""
    if not (cell.isascii() and cell.isdecimal() and len(cell) <= len(str(_MAX_QUANTITY))):
        return None
    return number if 1 <= (number := int(cell)) <= _MAX_QUANTITY else None


def _upgrade(columns: Sequence[str], cells: Sequence[str]) -> Upgrade:
    named = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    return {**named, _QUANTITY: _quantity(named.get(_QUANTITY, ""))}


def _listed(problems: Sequence[str], name: str) -> str:
    lines = [f"{name}: {problem}" for problem in problems[:_MOST_PROBLEMS]]
    more = len(problems) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN_CHARS else f"{cell[:_SHOWN_CHARS]}…")
