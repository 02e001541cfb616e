"""Help that shows arguments and options with names instead of Python types."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand


class PlainCommand(TyperCommand):
    """A command whose help shows an argument by its name alone."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        for parameter in self.get_params(ctx):
            if isinstance(parameter, TyperArgument):
                vars(parameter)["display_type_rich"] = lambda **_: None
        super().format_options(ctx, formatter)


class Commands(typer.Typer):
    """A group of commands that are each a `PlainCommand`."""

    def command(self, name: str | None = None, **others: Any) -> Callable[..., Any]:
        return super().command(name, cls=PlainCommand, **others)
