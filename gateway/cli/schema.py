"""`upgrade-gateway schema print` and `schema check`."""

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.failures import explained

app = typer.Typer(help="The graph in SDL.", no_args_is_help=True)


@app.command("print")
def print_() -> None:
    """Print the graph that this program serves."""
    from resolvers.graph import build_graph

    typer.echo(build_graph().as_str())


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Option(help="SDL to compare with; the committed one by default.")
    ] = None,
) -> None:
    """Compare the graph with the one that was agreed on; exit code 1 when they differ."""
    from gateway.cli.schema_comparison import NotAGraph, compare
    from resolvers.graph import build_graph

    source = file or resources.files("schema").joinpath("schema.graphql")
    with explained(NotAGraph, OSError, UnicodeDecodeError):
        agreed = source.read_text(encoding="utf-8")
        found = compare(agreed, build_graph().as_str() + "\n", str(file or "schema.graphql"))
    for line in found.diff:
        typer.echo(line)
    for text in found.breaking:
        typer.echo(f"breaking: {text}")
    for text in found.dangerous:
        typer.echo(f"dangerous: {text}")
    if found.diff:
        raise typer.Exit(1)
