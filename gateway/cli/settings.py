"""`upgrade-gateway settings`."""

from typing import Annotated

import typer


def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As the page docs/settings.md.")
    ] = False,
) -> None:
    """List what can be set."""
    from gateway.settings.table import as_markdown, as_text

    typer.echo(as_markdown() if markdown else as_text())
