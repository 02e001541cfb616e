"""`upgrade-gateway batch show|cancel`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.output import print_json

app = typer.Typer(help="Show and cancel batches of upgrades.", no_args_is_help=True)
BatchId = Annotated[str, typer.Argument(help="Id of the batch.")]


@app.command()
def show(id: BatchId, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Print a batch as JSON: its counts, and every line that was not done."""
    from gateway.client.batch import describe_batch

    with open_client(url, token) as gateway:
        print_json(describe_batch(gateway, id))


@app.command()
def cancel(
    id: BatchId,
    wait: Annotated[
        int, typer.Option(min=0, max=60, help="Seconds to wait for lines that are already running.")
    ] = 25,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Cancel the lines of a batch that have not started, and print the batch as JSON.

    Lines that are already running are finished. Exit code 3: there was nothing to cancel.
    Exit code 5: some lines are still running.
    """
    from gateway.client.batch import cancel_batch

    with open_client(url, token) as gateway:
        payload = cancel_batch(gateway, id, wait)
    for error in payload["userErrors"]:
        typer.echo(f"{error['code']}: {error['message']}", err=True)
    if payload["batch"] is not None:
        print_json(payload["batch"])
    if payload["userErrors"]:
        raise typer.Exit(ExitCode.NOT_DONE)
    if payload["batch"]["counts"]["open"]:
        raise typer.Exit(ExitCode.STILL_OPEN)
