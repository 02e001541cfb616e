"""`upgrade-gateway watch`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.sent_order import SentOrder, exit_with_order_status

if TYPE_CHECKING:
    from gateway.client.gateway_client import GatewayClient
    from gateway.client.progress import Progress


def watch(
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of an operation or a batch.")],
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Follow an operation or a batch to its end, and print what was not done and why.

    Exit code 0: everything was done. 3: something was not done. 4: for something, it is unknown
    whether it was done. 5: it is still running.
    """
    from gateway.client.batch import list_batch_lines
    from gateway.client.batch_report import build_report
    from gateway.client.operations import NOT_DONE_STATES, failure_reason, get_operation
    from gateway.client.progress import get_progress

    with open_client(url, token) as gateway:
        get_progress(gateway, id)  # fails for an unknown id
        order = SentOrder(id=id)
        with exit_with_order_status(order):
            found = show_progress(gateway, order)
            if found.is_batch and found.not_done:
                for line in build_report(list_batch_lines(gateway, id, NOT_DONE_STATES)):
                    typer.echo(line.format("line"))
            elif found.not_done:
                typer.echo(": ".join(filter(None, failure_reason(get_operation(gateway, id)))))
            exit_with_progress(found)


def show_progress(gateway: "GatewayClient", order: SentOrder) -> "Progress":
    """Follow an order to its end, with a progress bar. Raises ClientError."""
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from gateway.client.progress import watch_progress

    # On stderr, because programs read stdout.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(order.id or "")
        for found in watch_progress(gateway, order.id or "", time.sleep):
            order.state = found.state
            bar.update(task, description=found.state, completed=found.ended, total=found.total)
    return found


def exit_with_progress(found: "Progress") -> None:
    """Print the final state, and exit with its code."""
    typer.echo(f"{found.state}: {found.ended - found.not_done} of {found.total} done")
    if found.in_doubt:
        raise typer.Exit(ExitCode.IN_DOUBT)
    if found.not_done:
        raise typer.Exit(ExitCode.NOT_DONE)
