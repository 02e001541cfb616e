"""`upgrade-gateway persisted add`, `check` and `list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.failures import explained

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.persisted.manifest import RegisteredDocument

Manifest = Annotated[Path, typer.Option("--manifest", help="File of the registered documents.")]
_DEFAULT = Path("persisted.json")

app = typer.Typer(help="Documents that clients name instead of sending.", no_args_is_help=True)


@app.command()
def add(
    files: Annotated[
        list[Path],
        typer.Argument(help="GraphQL files of one operation each, or manifests (.json)."),
    ],
    manifest: Manifest = _DEFAULT,
) -> None:
    """Register documents; none is when one of them does not fit the graph."""
    from gateway.persisted.manifest import WrongManifest, read, write

    with explained(WrongManifest, OSError):
        known = read(manifest) if manifest.exists() else []
        added = [document for file in files for document in read(file)]
    refuse_broken(added)
    together = {document.id: document for document in (*known, *added)}
    with explained(OSError):
        write(manifest, list(together.values()))
    typer.echo(f"{len(together) - len(known)} added, {len(together)} in {manifest}")


@app.command()
def check(manifest: Manifest = _DEFAULT) -> None:
    """Check that every registered document still fits the graph; exit code 1 when one does not."""
    from gateway.persisted.manifest import WrongManifest, read

    with explained(WrongManifest, OSError):
        documents = read(manifest)
    refuse_broken(documents)
    typer.echo(f"{len(documents)} documents fit the graph")


@app.command("list")
def list_(manifest: Manifest = _DEFAULT) -> None:
    """List the registered documents."""
    from gateway.persisted.manifest import WrongManifest, read

    with explained(WrongManifest, OSError):
        documents = read(manifest)
    for document in documents:
        typer.echo(f"{document.id}  {document.type:12}  {document.name}")


def refuse_broken(documents: "Iterable[RegisteredDocument]") -> None:
    """Print why documents do not fit the graph, and exit, if some do not."""
    from gateway.engine import Engine
    from gateway.persisted.checking import broken
    from resolvers.graph import RULES, build_graph

    reasons = [
        f"broken: {each.document.type} {each.document.name} ({each.document.id}): {each.reason}"
        for each in broken(documents, Engine(build_graph(), rules=RULES))
    ]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        raise typer.Exit(1)
