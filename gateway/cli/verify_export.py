"""`upgrade-gateway operations export --format chained`, and `operations verify`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import exit_on

if TYPE_CHECKING:
    from gateway.client.export_chain import VerifiedExport


def print_chain(operations: Iterable[Mapping[str, Any]], filters: Mapping[str, object]) -> None:
    """Print the chained lines to stdout, and the hash of the last one to stderr."""
    from gateway.client.export_chain import chain_lines

    end = {"filters": filters, "exportedAt": datetime.now(UTC).isoformat()}
    last_hash = ""
    for line, last_hash in chain_lines(operations, end):  # noqa: B007 - the last one is printed
        typer.echo(line)
    typer.echo(f"Keep this hash apart from the export: {last_hash}", err=True)


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Output of `export --format chained`.")
    ],
    hash: Annotated[
        str | None, typer.Option(metavar="HASH", help="The hash that the export printed.")
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An earlier export with the same filters. This one must have all its operations,"
            " and those that had ended must be unchanged.",
        ),
    ] = None,
) -> None:
    """Check that an export is unchanged. Exit code 1: it was changed, or contradicts another."""
    from gateway.client.export_chain import ChainError, find_contradictions

    with exit_on(ChainError):
        found = _read(file)
        if hash is not None and found.hash != hash.strip().lower():
            raise ChainError(
                f"'{file}' has the hash {found.hash}, not the expected one: it was changed, or is"
                " another export."
            )
        before = None if earlier is None else _read(earlier)
        if before is not None and before.end["filters"] != found.end["filters"]:
            raise ChainError(f"'{earlier}' was exported with other filters than '{file}'.")
        contradictions = [] if before is None else find_contradictions(before, found)
        if contradictions:
            raise ChainError(
                "\n".join(f"{each} is {how} in '{file}'." for each, how in contradictions)
            )
    typer.echo(f"{len(found.operations)} operations, unchanged; hash {found.hash}")


def _read(file: Path) -> "VerifiedExport":
    from gateway.client.export_chain import ChainError, verify_lines

    try:
        with file.open(encoding="utf-8", newline="\n") as lines:
            return verify_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise ChainError(f"'{file}' cannot be read ({error}).") from error
    except ChainError as error:
        raise ChainError(f"'{file}': {error}") from error
