"""`upgrade-gateway batch show|cancel`."""

from typing import Annotated

import typer

from gateway.cli import cancel
from gateway.cli.gateway_options import DEFAULT_URL, Token, Url, open_client
from gateway.cli.output import print_json
from gateway.cli.plain_help import Commands

app = Commands(help="Show and cancel batches of upgrades.", no_args_is_help=True)
BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch.")]


@app.command()
def show(id: BatchId, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Print a batch as JSON: its counts, and every line whose order was not executed."""
    from gateway.client.batch import describe_batch

    with open_client(url, token) as gateway:
        print_json(describe_batch(gateway, id))


app.command("cancel")(cancel.cancel)
