"""`upgrade-gateway watch`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Exit, Token, Url, connected


def watch(
    id: Annotated[str, typer.Argument(help="Id of an operation or a batch.")],
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Follow an operation or a batch to its end; ends with 0 only where all of it was done.

    3: something was not done. 4: of something nobody knows whether it was.
    """
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from gateway.client.watching import watched

    # The bar is for people, so it does not go where a program reads.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Bar(*columns, console=Console(stderr=True))
    with connected(url, token) as gateway, bar:
        task = bar.add_task(id)
        for found in watched(gateway, id, time.sleep):
            bar.update(task, description=found.state, completed=found.ended, total=found.total)
    typer.echo(f"{found.state}: {found.ended - found.bad} of {found.total} done")
    if found.doubtful:
        raise typer.Exit(Exit.IN_DOUBT)
    if found.bad:
        raise typer.Exit(Exit.NOT_DONE)
