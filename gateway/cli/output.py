"""Prints results, warnings and errors."""

import contextlib
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import typer


def print_warning(text: str) -> None:
    typer.echo(f"upgrade-gateway: {text}", err=True)


@contextlib.contextmanager
def exit_on(*errors: type[Exception], exit_code: int = 1) -> Iterator[None]:
    """Print errors of these classes without a stack trace, and exit."""
    try:
        yield
    except errors as error:
        from gateway.settings.masking import mask_secrets

        for line in mask_secrets(str(error)).splitlines():
            print_warning(line)
        raise typer.Exit(exit_code) from None


def print_json(content: object, *, indent: int | None = 2) -> None:
    """Print JSON; in ASCII unless the output is UTF-8."""
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(content, indent=indent, ensure_ascii=not is_utf8))


def print_result(content: Mapping[str, object], *, as_json: bool) -> None:
    """Print the result of a command: indented text on a terminal, JSON for programs."""
    if as_json or not sys.stdout.isatty():
        print_json(content)
        return
    for line in _render(content):
        typer.echo(line)


def _render(content: object, indent: str = "") -> Iterator[str]:
    """Yield lines of text, without members that are null or empty."""
    if isinstance(content, list):
        for item in content:
            first, *rest = [*_render(item, f"{indent}  "), ""]
            yield f"{indent}- {first.strip()}"
            yield from rest[:-1]
    elif isinstance(content, Mapping):
        for name, value in content.items():
            if value is None or value in ([], {}):
                continue
            nested = list(_render(value, f"{indent}  "))
            is_scalar = not isinstance(value, (list, Mapping))
            yield f"{indent}{name}:" + (f" {nested[0].strip()}" if is_scalar else "")
            yield from () if is_scalar else nested
    else:
        yield f"{indent}{json.dumps(content) if isinstance(content, bool) else content}"


def print_user_errors(errors: Iterable[Mapping[str, str]]) -> None:
    for error in errors:
        typer.echo(f"{error['code']}: {error['message']}", err=True)


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Print CSV in UTF-8, whatever the encoding of the output, row by row."""
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
    """Exit with 1 if the output cannot be written; silently if a pipe is closed.

    Characters that the encoding of the output lacks are printed as escapes.
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
            print_warning(describe_write_error(error))
        sys.exit(1)


def describe_write_error(error: OSError) -> str:
    return f"cannot write the output ({error.strerror or error})"


def discard_output() -> None:
    """Redirect stdout to the null device, so that flushing the buffer does not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
