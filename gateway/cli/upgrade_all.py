"""`upgrade-gateway upgrade-all`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.output import exit_on
from gateway.cli.sent_order import SentOrder, exit_with_order_status
from gateway.cli.watch import exit_with_progress, show_progress


def upgrade_all(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help=(
                "CSV file of orders of any kind, with a column for each member of a line of"
                " `upgradeSubscriptions`. If any line is invalid, nothing is sent."
            ),
        ),
    ],
    key: Annotated[
        str,
        typer.Option(
            metavar="KEY", help="Idempotency key. To retry the same batch, use the same key."
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV file to write: the outcome of each line.", dir_okay=False
        ),
    ] = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Place all orders in a CSV file as one batch, and follow it to its end.

    Prints each line that was not done, by its number in the file. For exit codes, see `watch`.
    """
    from gateway.client.batch import list_batch_lines, submit_batch
    from gateway.client.batch_report import build_report, write_report
    from gateway.client.operations import NOT_DONE_STATES
    from gateway.client.upgrade_table import read_upgrades

    order = SentOrder(key)
    with open_client(url, token) as gateway:
        with exit_on(OSError), file.open(encoding="utf-8-sig", newline="") as text:
            upgrades = read_upgrades(text, str(file))
            if report is not None:
                report.open("a").close()  # fails before anything is ordered
        numbers = list(upgrades)
        with exit_with_order_status(order):
            payload = submit_batch(gateway, list(upgrades.values()), key)
            for error in payload["userErrors"]:
                typer.echo(_format_error(error, file, numbers), err=True)
            if payload["batch"] is None:
                raise typer.Exit(ExitCode.NOT_DONE)
            order.id = payload["batch"]["id"]
            typer.echo(order.id)
            found = show_progress(gateway, order)
            states = () if report else NOT_DONE_STATES
            lines = build_report(list_batch_lines(gateway, order.id, states), numbers)
            if report is not None:
                with report.open("w", encoding="utf-8", newline="") as table:
                    write_report(lines, table)
            for line in lines:
                if not line.is_done:
                    typer.echo(line.format(str(file)))
            exit_with_progress(found)


def _format_error(error: Mapping[str, Any], file: Path, numbers: Sequence[int]) -> str:
    """Describe an error by the line's number in the file, which counts header and empty lines."""
    message = error["message"]
    match error["field"]:
        case ["input", "lines", index, *_]:
            number = int(index)
            message = message.removeprefix(f"Line {number + 1}: ")
            message = f"{file}:{numbers[number]}: {message}"
    return f"{error['code']}: {message}"
