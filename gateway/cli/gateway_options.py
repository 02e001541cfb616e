"""Options, exit codes and connection of the commands that call a running gateway."""

import contextlib
import os
from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import exit_on

if TYPE_CHECKING:
    from gateway.client.gateway_client import GatewayClient

_URL_VARIABLE = "UPGRADE_GATEWAY_URL"
_TOKEN_VARIABLE = "UPGRADE_GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
_OLD_VARIABLES = {_URL_VARIABLE: "GATEWAY_URL", _TOKEN_VARIABLE: "GATEWAY_TOKEN"}

Url = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help=f"URL of the gateway.  [env: {_URL_VARIABLE}]",
        envvar=[_URL_VARIABLE, _OLD_VARIABLES[_URL_VARIABLE]],
        show_envvar=False,
    ),
]
Token = Annotated[
    str,
    typer.Option(
        metavar="TOKEN",
        help=f"JWT or API key, if the gateway requires one.  [env: {_TOKEN_VARIABLE}]",
        envvar=[_TOKEN_VARIABLE, _OLD_VARIABLES[_TOKEN_VARIABLE]],
        show_default=False,
        show_envvar=False,
    ),
]
DEFAULT_URL = "http://127.0.0.1:8000"


class ExitCode(IntEnum):
    """The exit codes that show an order's state.

    Others: 1 for an error, 2 for invalid arguments.
    """

    NOT_DONE = 3
    IN_DOUBT = 4
    STILL_OPEN = 5


@contextlib.contextmanager
def open_client(url: str, token: str) -> Iterator["GatewayClient"]:
    """Connect to the gateway. Prints a ClientError and exits with status 1."""
    from gateway.client import gateway_client

    with exit_on(gateway_client.ClientError):
        _warn_of_old_variables()
        with gateway_client.connect(url, token) as gateway:
            yield gateway


def _warn_of_old_variables() -> None:
    from gateway.client.gateway_client import ClientError

    for new, old in _OLD_VARIABLES.items():
        if not os.environ.get(old):
            continue
        if os.environ.get(new):
            raise ClientError(
                f"{old} and {new} are both set; unset {old}, which is the old name of {new}"
            )
        typer.echo(f"upgrade-gateway: {old} is the old name of {new}; use the new name", err=True)
