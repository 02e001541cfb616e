"""`upgrade-gateway cancel`, and `upgrade-gateway batch cancel`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.order_options import Json
from gateway.cli.output import print_result, print_user_errors


def cancel(
    id: Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch.")],
    wait: Annotated[
        int,
        typer.Option(
            min=0,
            max=60,
            metavar="SECONDS",
            help="Seconds to wait for lines that are already running.",
        ),
    ] = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Cancel the lines of a batch that have not started, and print the batch.

    Lines that are already running are finished. Exit code 3: there was nothing to cancel.
    Exit code 5: some lines are still running.
    """
    from gateway.client.batch import cancel_batch

    with open_client(url, token) as gateway:
        payload = cancel_batch(gateway, id, wait)
    print_user_errors(payload["userErrors"])
    if payload["batch"] is not None:
        print_result(payload["batch"], as_json=as_json)
    if payload["userErrors"]:
        raise typer.Exit(ExitCode.NOT_DONE)
    if payload["batch"]["counts"]["open"]:
        raise typer.Exit(ExitCode.STILL_OPEN)
