"""What the user is told when a command cannot do its work: a sentence each."""

import contextlib
from collections.abc import Iterator

import typer


def print_warning(text: str) -> None:
    typer.echo(f"upgrade-gateway: {text}", err=True)


@contextlib.contextmanager
def exit_on(*problems: type[Exception], exit_code: int = 1) -> Iterator[None]:
    """Print errors of these kinds, which say what came and what to do, without a stack trace."""
    try:
        yield
    except problems as problem:
        from gateway.settings.masking import mask_secrets

        for line in mask_secrets(str(problem)).splitlines():
            typer.echo(f"upgrade-gateway: {line}", err=True)
        raise typer.Exit(exit_code) from None
