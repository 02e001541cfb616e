"""Prints results as JSON or tables, and ends a command whose output cannot be written."""

import contextlib
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import typer


def print_json(content: object, *, indent: int | None = 2) -> None:
    """Print JSON; in ASCII where the output's encoding might not have all characters."""
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(content, indent=indent, ensure_ascii=not is_utf8))


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Print CSV in UTF-8 whatever the output's encoding; each row is printed as it comes."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns)
    table.writeheader()
    for row in rows:
        typer.echo(_take_text(text), nl=False)
        table.writerow(row)
    typer.echo(_take_text(text), nl=False)


def _take_text(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


@contextlib.contextmanager
def exit_on_write_error() -> Iterator[None]:
    """End with 1 where the output cannot be written: silently where its reader has gone.

    Characters that the output's encoding does not have are printed as escapes.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        discard_output()
        if error.errno != errno.EPIPE:
            typer.echo(f"upgrade-gateway: {describe_write_error(error)}", err=True)
        sys.exit(1)


def describe_write_error(error: OSError) -> str:
    """Say why the output could not be written."""
    return f"the output cannot be written ({error.strerror or error})"


def discard_output() -> None:
    """Keep what cannot be written from failing once more when the buffer is flushed."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
