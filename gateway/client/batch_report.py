"""Reports the outcome of each line of a batch, by its line number in the file."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TextIO

from gateway.client.operations import (
    DONE_STATES,
    Operation,
    escape_cell,
    failure_reason,
    order_target,
    target_subscription_id,
)

NumberedOperation = tuple[int, Operation]
"""An operation and its line number in the batch, from 1."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of the report. The attributes are its columns.

    Attributes:
        line: the line number in the file, or in the batch if there is no file.
        target: the offer, catalog item or product family that is ordered.
        code: why the order is not executed; empty if it is, or if the reason is unknown.
    """

    line: int
    state: str
    kind: str
    customerId: str  # noqa: N815 - the name of the column
    subscriptionId: str  # noqa: N815
    target: str
    operationId: str  # noqa: N815
    targetSubscriptionId: str  # noqa: N815
    code: str
    message: str

    @property
    def is_done(self) -> bool:
        return self.state in DONE_STATES

    def format(self, name: str) -> str:
        """Format the outcome as one line of text, which starts with `name:line`."""
        why = ": ".join(filter(None, (self.code, self.message)))
        changed = self.subscriptionId or self.target
        where = f"{name}:{self.line}: {self.state} {self.customerId} {changed}"
        return " ".join(f"{where} {why}".split())


def build_report(
    lines: Iterable[NumberedOperation], numbers: Sequence[int] = ()
) -> list[ReportLine]:
    """Build the report of a batch.

    Args:
        lines: the lines of the batch, from the gateway.
        numbers: the line numbers in the file, in the order in which they were sent.
    """
    return [_build_report_line(numbers[n - 1] if numbers else n, found) for n, found in lines]


def write_report(lines: Iterable[ReportLine], file: TextIO) -> None:
    """Write the report as CSV, with a header."""
    table = csv.DictWriter(file, [each.name for each in fields(ReportLine)])
    table.writeheader()
    for line in lines:
        table.writerow({name: escape_cell(str(value)) for name, value in asdict(line).items()})


def _build_report_line(number: int, found: Operation) -> ReportLine:
    code, message = ("", "") if found["state"] in DONE_STATES else failure_reason(found)
    return ReportLine(
        line=number,
        state=found["state"],
        kind=found["kind"],
        customerId=found["order"]["customerId"],
        subscriptionId=found["order"]["subscriptionId"] or "",
        target=order_target(found),
        operationId=found["id"],
        targetSubscriptionId=target_subscription_id(found),
        code=code,
        message=message,
    )
