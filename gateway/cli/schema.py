"""`upgrade-gateway schema print` and `schema check`."""

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Config, load_settings_or_exit
from gateway.cli.output import exit_on
from gateway.cli.persisted import exit_if_invalid, read_documents_or_exit
from gateway.cli.plain_help import Commands

if TYPE_CHECKING:
    from gateway.settings import Settings

app = Commands(help="The GraphQL schema.", no_args_is_help=True)


@app.command("print")
def print_(
    federation: Annotated[
        bool, typer.Option("--federation", help="Add the directives of Apollo Federation 2.")
    ] = False,
) -> None:
    """Print the schema in SDL."""
    from resolvers.federation.subgraph import subgraph_sdl
    from resolvers.graph import build_graph

    typer.echo(subgraph_sdl() if federation else build_graph().as_str())


@app.command()
def errors() -> None:
    """Print the error codes as Markdown: their meaning, and how to retry."""
    from gateway.cli.error_codes import render_error_codes

    typer.echo(render_error_codes(), nl=False)


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="SDL file to compare with. Default: the committed schema."
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Compare the schema with the committed one. Exit code 1: they differ.

    The check also fails if a registered document (setting persisted.file) is no longer valid.
    """
    from gateway.cli.schema_comparison import InvalidSdl, compare_schemas
    from resolvers.graph import build_graph

    source = file or resources.files("schema").joinpath("schema.graphql")
    with exit_on(InvalidSdl, OSError, ValueError):
        agreed = source.read_text(encoding="utf-8-sig")
        found = compare_schemas(
            agreed, build_graph().as_str() + "\n", str(file or "schema.graphql")
        )
    for line in found.diff:
        typer.echo(line)
    for text in found.breaking:
        typer.echo(f"breaking: {text}")
    for text in found.dangerous:
        typer.echo(f"dangerous: {text}")
    _check_persisted(load_settings_or_exit(config))
    if found.diff:
        raise typer.Exit(1)


def _check_persisted(settings: "Settings") -> None:
    if settings.persisted.file is not None:
        exit_if_invalid(read_documents_or_exit(settings.persisted.file), settings)
