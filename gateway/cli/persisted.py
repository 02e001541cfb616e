"""`upgrade-gateway persisted add`, `check` and `list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Config, load_settings_or_exit
from gateway.cli.output import exit_on
from gateway.cli.plain_help import Commands

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.persisted.manifest import RegisteredDocument
    from gateway.settings import Settings

Manifest = Annotated[
    Path, typer.Option("--manifest", metavar="FILE", help="File with the registered documents.")
]
_DEFAULT = Path("persisted.json")

app = Commands(help="Registered documents, which clients send by id.", no_args_is_help=True)


@app.command()
def add(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES", help="GraphQL files with one operation each, or manifests (.json)."
        ),
    ],
    manifest: Manifest = _DEFAULT,
    config: Config = None,
) -> None:
    """Register documents. All or nothing: if one is invalid, none is registered."""
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
    """Check that all registered documents are still valid. Exit code 1: one is not."""
    documents = read_documents_or_exit(manifest)
    exit_if_invalid(documents, load_settings_or_exit(config))
    typer.echo(f"{len(documents)} documents are valid")


@app.command("list")
def list_(manifest: Manifest = _DEFAULT) -> None:
    """List the registered documents."""
    documents = read_documents_or_exit(manifest)
    for document in documents:
        typer.echo(f"{document.id}  {document.type:12}  {document.name}")


def read_documents_or_exit(file: Path) -> "list[RegisteredDocument]":
    """Read documents, or print what is wrong and exit."""
    from gateway.persisted.manifest import ManifestError, read_documents

    with exit_on(ManifestError):
        try:
            return read_documents(file)
        except OSError as error:
            raise ManifestError(
                f"cannot read '{file}' ({error.strerror}); check the path, or create a manifest"
                " with 'upgrade-gateway persisted add'"
            ) from error


def exit_if_invalid(documents: "Iterable[RegisteredDocument]", settings: "Settings") -> None:
    """If documents violate the schema or its limits, print how and exit."""
    from gateway.limits.factory import build_engine
    from gateway.persisted.manifest import find_invalid
    from resolvers.federation.subgraph import build_subgraph
    from resolvers.graph import build_graph

    graph = build_subgraph() if settings.federation else build_graph()
    reasons = [
        f"invalid: {each.document.type} {each.document.name} ({each.document.id}): {each.reason}"
        for each in find_invalid(documents, build_engine(graph, settings))
    ]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        raise typer.Exit(1)
