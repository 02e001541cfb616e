"""`upgrade-gateway upgrade-all`."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Exit, Token, Url, connected
from gateway.cli.watch import watch


def upgrade_all(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help=(
                "CSV with the columns customerId, subscriptionId, targetOfferId, upgradeType and,"
                " optional, quantity; nothing is sent if any of it is wrong."
            ),
        ),
    ],
    key: Annotated[
        str, typer.Option(help="Idempotency key: give the same one to ask for the same batch.")
    ],
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Upgrade every subscription of a table as one batch, and follow it to its end; see `watch`."""
    from gateway.client.batch import submit
    from gateway.client.upgrade_table import read_upgrades

    with connected(url, token) as gateway, file.open(encoding="utf-8-sig", newline="") as text:
        payload = submit(gateway, read_upgrades(text, str(file)), key)
    for error in payload["userErrors"]:
        typer.echo(f"{error['code']}: {error['message']}", err=True)
    if payload["batch"] is None:
        raise typer.Exit(Exit.NOT_DONE)
    typer.echo(payload["batch"]["id"])
    watch(payload["batch"]["id"], url, token)
