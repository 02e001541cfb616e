"""`upgrade-gateway operations list|show|export`."""

from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Token, Url, connected

app = typer.Typer(
    help="What was bought, by whom, and what became of it: the gateway's record of operations.",
    no_args_is_help=True,
)
States = Annotated[
    list[str] | None, typer.Option("--state", help="Only those in a state; repeatable.")
]
Customer = Annotated[str | None, typer.Option(help="Only those of a customer, by tenant id.")]


class Format(StrEnum):
    """How operations are exported."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command("list")
def list_operations(
    url: Url = DEFAULT_URL,
    token: Token = "",
    state: States = None,
    customer: Customer = None,
    first: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
) -> None:
    """Print a line for each of the newest operations."""
    from gateway.client.operations import operations

    with connected(url, token) as gateway:
        for found in operations(gateway, state or [], customer, first):
            columns = (found["createdAt"], found["state"], found["kind"], found["id"])
            typer.echo("  ".join((*columns, found["principal"], found["idempotencyKey"])))


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="The operation's id.")],
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Print all that is recorded of an operation, as JSON."""
    import json

    from gateway.client.operations import operation

    with connected(url, token) as gateway:
        typer.echo(json.dumps(operation(gateway, id), indent=2, ensure_ascii=False))


@app.command()
def export(
    url: Url = DEFAULT_URL,
    token: Token = "",
    state: States = None,
    customer: Customer = None,
    format: Annotated[Format, typer.Option(help="A JSON object a line, or a table.")] = (
        Format.JSONL
    ),
) -> None:
    """Print every operation you may see, newest first."""
    import csv
    import json
    import sys

    from gateway.client.operations import COLUMNS, operations, row

    with connected(url, token) as gateway:
        found = operations(gateway, state or [], customer)
        if format is Format.JSONL:
            for each in found:
                typer.echo(json.dumps(each, ensure_ascii=False))
            return
        table = csv.DictWriter(sys.stdout, COLUMNS)
        table.writeheader()
        table.writerows(row(each) for each in found)
