"""`upgrade-gateway settings`."""

from typing import Annotated

import typer


def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/settings.md.")] = False,
) -> None:
    """List all settings."""
    from gateway.settings.docs_table import render_markdown, render_text

    typer.echo(render_markdown() if markdown else render_text())
