"""Options of the verbs that talk to a running gateway, how they end, and how they connect."""

import contextlib
from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.failures import exit_on

if TYPE_CHECKING:
    from gateway.client.gateway_client import GatewayClient

Url = Annotated[str, typer.Option(help="Where the gateway is.", envvar="GATEWAY_URL")]
Token = Annotated[
    str,
    typer.Option(
        help="JWT or API key, where the gateway asks for one.",
        envvar="GATEWAY_TOKEN",
        show_default=False,
        show_envvar=True,
    ),
]
DEFAULT_URL = "http://127.0.0.1:8000"


class ExitCode(IntEnum):
    """How a verb ends; 1 is what `explained` prints, 2 is a wrong command line."""

    NOT_DONE = 3
    IN_DOUBT = 4
    STILL_OPEN = 5


@contextlib.contextmanager
def open_client(url: str, token: str) -> Iterator["GatewayClient"]:
    """Connect for as long as a verb runs; what goes wrong is explained, and ends it with 1."""
    from gateway.client import gateway_client

    with (
        exit_on(gateway_client.ClientError),
        gateway_client.connect(url, token) as gateway,
    ):
        yield gateway
