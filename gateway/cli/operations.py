"""`upgrade-gateway operations list|show|export|verify|settle`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import settle, verify_export
from gateway.cli.gateway_options import DEFAULT_URL, Token, Url, open_client
from gateway.cli.output import print_json, print_table
from gateway.cli.plain_help import Commands
from gateway.cli.verify_export import print_chain

if TYPE_CHECKING:
    from gateway.client.gateway_client import GatewayClient
    from gateway.client.operations import Operation, OperationFilters

app = Commands(
    help="The gateway's record of operations: what was bought, by whom, and with which outcome.",
    no_args_is_help=True,
)


def _parse_time(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not a time; expected one such as 2027-01-31 or 2027-01-31T12:00:00Z."
        ) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only operations in this state, such as IN_DOUBT; repeatable.",
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only operations of this kind, such as TRANSITION_SUBSCRIPTION; repeatable.",
    ),
]
Customer = Annotated[
    str | None,
    typer.Option(metavar="CUSTOMER", help="Only operations of this customer, by tenant id."),
]
Principal = Annotated[
    str | None,
    typer.Option(
        metavar="PRINCIPAL",
        help="Only operations of this principal; another's require the scope upgrades:admin.",
    ),
]
CreatedFrom = Annotated[
    datetime | None,
    typer.Option(
        metavar="TIME",
        parser=_parse_time,
        help="Only operations recorded at this time or later, such as 2027-01-31 or"
        " 2027-01-31T12:00:00+01:00; UTC if there is no offset.",
    ),
]
CreatedBefore = Annotated[
    datetime | None,
    typer.Option(
        metavar="TIME", parser=_parse_time, help="Only operations recorded before this time."
    ),
]
Batch = Annotated[
    str | None,
    typer.Option(
        metavar="BATCH", help="Only operations of this batch, by id, in the order of its lines."
    ),
]


class ExportFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    CHAINED = "chained"


@app.command("list")
def list_operations(
    url: Url = DEFAULT_URL,
    token: Token = "",
    state: States = None,
    kind: Kinds = None,
    customer: Customer = None,
    principal: Principal = None,
    created_from: CreatedFrom = None,
    created_before: CreatedBefore = None,
    batch: Batch = None,
    first: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Number of operations.")] = 20,
) -> None:
    """List the newest operations, one per line.

    Columns: time, state, kind, id, customer, subscription, principal, idempotency key, and why it
    is not done.
    """
    from gateway.client.operations import OperationFilters, format_line

    filters = OperationFilters(
        state or (), kind or (), customer, principal, created_from, created_before
    )
    with open_client(url, token) as gateway:
        for found in islice(_list_matching(gateway, filters, batch), first):
            typer.echo(format_line(found))


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="OPERATION", help="Id of the operation.")],
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Print everything recorded about an operation, as JSON. For a batch, see `batch show`."""
    from gateway.client.batch import describe_batch
    from gateway.client.gateway_client import ErrorResponse
    from gateway.client.operations import get_operation

    with open_client(url, token) as gateway:
        try:
            found = get_operation(gateway, id)
        except ErrorResponse as unknown:
            try:
                found = describe_batch(gateway, id)
            except ErrorResponse:
                raise unknown from None
        print_json(found)


@app.command()
def export(
    url: Url = DEFAULT_URL,
    token: Token = "",
    state: States = None,
    kind: Kinds = None,
    customer: Customer = None,
    principal: Principal = None,
    created_from: CreatedFrom = None,
    created_before: CreatedBefore = None,
    batch: Batch = None,
    format: Annotated[
        ExportFormat,
        typer.Option(
            metavar="jsonl|csv|chained",
            help="One JSON object per line, a CSV table, or JSON lines with a chain of hashes,"
            " which `operations verify` checks.",
        ),
    ] = (ExportFormat.JSONL),
) -> None:
    """Export all operations you may see, newest first, in UTF-8."""
    from gateway.client.operations import COLUMNS, OperationFilters, to_row

    filters = OperationFilters(
        state or (), kind or (), customer, principal, created_from, created_before
    )
    with open_client(url, token) as gateway:
        found = _list_matching(gateway, filters, batch)
        if format is ExportFormat.CSV:
            print_table(COLUMNS, (to_row(each) for each in found))
            return
        if format is ExportFormat.CHAINED:
            print_chain(found, {**filters.to_variables(), "batch": batch})
            return
        for each in found:
            print_json(each, indent=None)


app.command("settle")(settle.settle)
app.command("verify")(verify_export.verify)


def _list_matching(
    gateway: "GatewayClient", filters: "OperationFilters", batch: str | None
) -> "Iterator[Operation]":
    from gateway.client.batch import list_batch_lines
    from gateway.client.operations import list_operations

    if batch is None:
        yield from list_operations(gateway, filters)
        return
    for _, found in list_batch_lines(gateway, batch, filters.states):
        if filters.matches(found):
            yield found
