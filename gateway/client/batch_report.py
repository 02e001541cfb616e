"""Tells what became of each line of a batch, by the line's number in its file."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TextIO

from gateway.client.operations import Operation, failure_reason
from gateway.client.spreadsheet import escape_cell
from gateway.client.states import DONE_STATES

NumberedOperation = tuple[int, Operation]
"""An operation and its number in its batch, from 1."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line, with the names of the report's columns.

    Attributes:
        line: its number in the file; without one, in the batch.
        code: why it is not done; empty where it is, or where nothing is known.
    """

    line: int
    state: str
    customerId: str  # noqa: N815 - as the table names it
    subscriptionId: str  # noqa: N815
    operationId: str  # noqa: N815
    targetSubscriptionId: str  # noqa: N815
    code: str
    message: str

    @property
    def is_done(self) -> bool:
        """Whether it was bought."""
        return self.state in DONE_STATES

    def format(self, name: str) -> str:
        """Print it on one line, beginning with a name and its number."""
        why = ": ".join(filter(None, (self.code, self.message)))
        where = f"{name}:{self.line}: {self.state} {self.customerId} {self.subscriptionId}"
        return " ".join(f"{where} {why}".split())


def build_report(
    lines: Iterable[NumberedOperation], numbers: Sequence[int] = ()
) -> list[ReportLine]:
    """Turn lines of a batch into a report.

    Args:
        lines: as they are read from the gateway.
        numbers: of the lines in their file, in the order they were sent.
    """
    return [_build_report_line(numbers[n - 1] if numbers else n, found) for n, found in lines]


def write_report(lines: Iterable[ReportLine], file: TextIO) -> None:
    """Write CSV with a header."""
    table = csv.DictWriter(file, [each.name for each in fields(ReportLine)])
    table.writeheader()
    for line in lines:
        table.writerow({name: escape_cell(str(value)) for name, value in asdict(line).items()})


def _build_report_line(number: int, found: Operation) -> ReportLine:
    code, message = ("", "") if found["state"] in DONE_STATES else failure_reason(found)
    return ReportLine(
        line=number,
        state=found["state"],
        customerId=found["order"]["customerId"],
        subscriptionId=found["order"]["subscriptionId"] or "",
        operationId=found["id"],
        targetSubscriptionId=(found["result"] or {}).get("targetSubscriptionId") or "",
        code=code,
        message=message,
    )
