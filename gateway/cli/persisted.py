"""`upgrade-gateway persisted add`, `check` and `list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.failures import exit_on
from gateway.cli.options import Config, load_settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.persisted.manifest import RegisteredDocument
    from gateway.settings import Settings

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
    config: Config = None,
) -> None:
    """Register documents; none is when one of them does not fit the graph and its limits."""
    from gateway.persisted.manifest import write_manifest

    known = read_documents_or_exit(manifest) if manifest.exists() else []
    added = [document for file in files for document in read_documents_or_exit(file)]
    exit_if_invalid(added, load_settings_or_exit(config))
    together = {document.id: document for document in (*known, *added)}
    with exit_on(OSError):
        write_manifest(manifest, list(together.values()))
    typer.echo(f"{len(together) - len(known)} added, {len(together)} in {manifest}")


@app.command()
def check(manifest: Manifest = _DEFAULT, config: Config = None) -> None:
    """Check that every registered document still fits the graph; exit code 1 when one does not."""
    documents = read_documents_or_exit(manifest)
    exit_if_invalid(documents, load_settings_or_exit(config))
    typer.echo(f"{len(documents)} documents fit the graph")


@app.command("list")
def list_(manifest: Manifest = _DEFAULT) -> None:
    """List the registered documents."""
    documents = read_documents_or_exit(manifest)
    for document in documents:
        typer.echo(f"{document.id}  {document.type:12}  {document.name}")


def read_documents_or_exit(file: Path) -> "list[RegisteredDocument]":
    """Read documents, or print why they cannot be read, and exit."""
    from gateway.persisted.manifest import ManifestError, read_documents

    with exit_on(ManifestError):
        try:
            return read_documents(file)
        except OSError as error:
            raise ManifestError(
                f"'{file}' cannot be read ({error.strerror}); name another file, or make a"
                " manifest with 'upgrade-gateway persisted add'"
            ) from error


def exit_if_invalid(documents: "Iterable[RegisteredDocument]", settings: "Settings") -> None:
    """Print why documents would not be run, by the graph or its limits, and exit, if some are."""
    from gateway.limits.factory import build_engine
    from gateway.persisted.manifest import find_invalid
    from resolvers.graph import build_graph

    reasons = [
        f"broken: {each.document.type} {each.document.name} ({each.document.id}): {each.reason}"
        for each in find_invalid(documents, build_engine(build_graph(), settings))
    ]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        raise typer.Exit(1)
