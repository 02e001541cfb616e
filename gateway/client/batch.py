"""Batches of upgrades from a table."""

import csv
from collections.abc import Iterable
from typing import Any, Final

from gateway.client.connection import ClientProblem, Connection

_COLUMNS: Final = ("customerId", "subscriptionId", "targetOfferId", "upgradeType")
_SUBMIT: Final = """
mutation Submit($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) { batch { id } userErrors { code message } }
}
"""


class WrongTable(ClientProblem):
    """The file is no table of upgrades."""


def lines_of(file: Iterable[str]) -> list[dict[str, object]]:
    """Read CSV whose first line names the columns; `quantity` may be left out or empty.

    Raises WrongTable naming the line.
    """
    try:
        return _lines(csv.DictReader(file))
    except UnicodeDecodeError as error:
        raise WrongTable(
            f"the file is not UTF-8 ({error.reason} at byte {error.start}); save it as"
            " 'CSV UTF-8 (comma delimited)'"
        ) from error
    except csv.Error as error:
        raise WrongTable(f"the file is not CSV: {error}") from error


def _lines(table: "csv.DictReader[str]") -> list[dict[str, object]]:
    missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise WrongTable(f"the first line has to name the columns; missing: {', '.join(missing)}")
    lines = [_line(table.line_num, row) for row in table]
    if not lines:
        raise WrongTable("there is no line below the one that names the columns; add an upgrade")
    return lines


def _line(number: int, row: dict[str, str]) -> dict[str, object]:
    quantity = (row.get("quantity") or "").strip()
    if quantity and not quantity.isdecimal():
        raise WrongTable(f"line {number}: quantity is a number or empty, not {quantity[:20]!r}")
    line: dict[str, object] = {name: (row[name] or "").strip() for name in _COLUMNS}
    return {**line, "quantity": int(quantity) if quantity else None}


def submit(gateway: Connection, lines: list[dict[str, object]], key: str) -> dict[str, Any]:
    """Order all lines as one batch, without waiting. Raises ClientProblem."""
    ordered = {"idempotencyKey": key, "lines": lines, "waitSeconds": 0}
    payload: dict[str, Any] = gateway.ask(_SUBMIT, {"input": ordered})["upgradeSubscriptions"]
    return payload
