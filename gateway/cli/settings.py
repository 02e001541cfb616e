"""`upgrade-gateway settings`."""

from typing import Annotated

import typer


def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As the page docs/settings.md.")
    ] = False,
) -> None:
    """List what can be set."""
    from gateway.settings.docs_table import render_markdown, render_text

    typer.echo(render_markdown() if markdown else render_text())
