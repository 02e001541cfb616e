"""Reads a CSV file of orders. An ambiguous file is rejected as a whole.

A wrong quantity would be bought, so nothing is skipped, truncated or guessed.
"""

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.client.gateway_client import ClientError
from gateway.client.table_columns import COLUMNS, Column, find_wrong_members

_REQUIRED: Final = "customerId"
_COLUMNS_BY_CASEFOLD: Final = {name.casefold(): name for name in COLUMNS}
_KNOWN: Final = f"Known columns: {', '.join(COLUMNS)}."
# "qty" and "quantity" have a ratio of 0.55, below difflib's default cutoff of 0.6.
_SUGGESTION_CUTOFF: Final = 0.5
_OTHER_DELIMITERS: Final = {";": "';'", "\t": "a tab", "|": "'|'"}
_MAX_PROBLEMS: Final = 10
_SHOWN_CHARS: Final = 40

TableRow = tuple[int, list[str]]
OrderLine = dict[str, Any]
"""The members of a batch's line that have a value."""


class TableError(ClientError):
    """The file is invalid. The text names the file, lines and columns."""


def read_upgrades(file: Iterable[str], name: str) -> dict[int, OrderLine]:
    """Read a CSV file whose first line names the columns, in any order and letter case.

    Empty cells are left out, and empty lines skipped. Returns the orders by line number; if one
    spans several lines, by that of its first line.

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
    if not problems and len(rows) == 1:
        problems = ["there is no line after the header; add an order"]
    if problems:
        raise TableError(_join_problems(problems, name))
    orders = {line: _parse_order(columns, cells) for line, cells in rows[1:]}
    problems = [*_find_wrong_members(columns, orders), *_find_duplicates(orders)]
    if problems:
        raise TableError(_join_problems(problems, name))
    return orders


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
    if _REQUIRED not in columns:
        problems.append(f"line {line}: missing column: {_REQUIRED}")
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
        elif cells[number - 1]:
            yield from _check_cell(where, COLUMNS[name], cells[number - 1])
        elif name == _REQUIRED:
            yield f"{where}: {name!r} is empty"


def _check_cell(where: str, column: Column, cell: str) -> Iterator[str]:
    try:
        column.parse(cell)
    except ValueError as error:
        yield f"{where}: {column.name!r} is {_quote(cell)}; {error}"


def _find_wrong_members(columns: Sequence[str], orders: Mapping[int, OrderLine]) -> Iterator[str]:
    """Yield a problem for each cell that does not fit the kind of its line's order.

    A column that the file lacks is named once.
    """
    lacking: set[str] = set()
    for line, order in orders.items():
        for name, problem in find_wrong_members(order):
            if name is None:
                yield f"line {line}: {problem}"
            elif name in columns:
                yield f"line {line}, column {columns.index(name) + 1}: {name!r} {problem}"
            elif name not in lacking:
                lacking.add(name)
                yield f"line {line}: the column {name!r}, which the file lacks, {problem}"


def _find_duplicates(orders: Mapping[int, OrderLine]) -> Iterator[str]:
    """Yield a problem for each subscription, or product family, that an earlier line changes."""
    first_in: dict[tuple[str, str], int] = {}
    for line, order in orders.items():
        customer_id, changed = order[_REQUIRED], order.get("subscriptionId")
        if changed is None:
            changed = order.get("productFamily", "")
            problem = f"customer {_quote(customer_id)} has the same product upgrade in"
        else:
            problem = f"subscription {_quote(changed)} is upgraded by"
        earlier = first_in.setdefault((customer_id.lower(), changed.lower()), line)
        if earlier != line:
            yield f"line {line}: {problem} line {earlier} too; remove one of them"


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


def _parse_order(columns: Sequence[str], cells: Sequence[str]) -> OrderLine:
    order: OrderLine = {}
    for name, cell in zip(columns, cells, strict=False):
        if name and cell:
            member, _, inner = name.partition(".")
            value = COLUMNS[name].parse(cell)
            order[member] = {**order.get(member, {}), inner: value} if inner else value
    return order


def _join_problems(problems: Sequence[str], name: str) -> str:
    lines = [f"{name}: {problem}" for problem in problems[:_MAX_PROBLEMS]]
    more = len(problems) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def _quote(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN_CHARS else f"{cell[:_SHOWN_CHARS]}…")
