"""`upgrade-gateway settle`, and `upgrade-gateway operations settle`."""

from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.order_options import Json
from gateway.cli.output import print_result, print_user_errors


class OutcomeOption(StrEnum):
    DONE = "DONE"
    NOT_DONE = "NOT_DONE"


def settle(
    id: Annotated[str, typer.Argument(metavar="OPERATION", help="Id of the operation.")],
    outcome: Annotated[
        OutcomeOption,
        typer.Option(
            metavar="DONE|NOT_DONE",
            help="What happened in Partner Center.",
            case_sensitive=False,
        ),
    ],
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="How you found out; stored with the operation.")
    ],
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Record the outcome of an operation that is IN_DOUBT, and print the operation.

    Check Partner Center first. Requires the scope upgrades:admin. Exit code 3: the operation was
    not settled.
    """
    from gateway.client.operations import settle_operation

    with open_client(url, token) as gateway:
        payload = settle_operation(gateway, id, outcome.value, note)
    print_user_errors(payload["userErrors"])
    if payload["userErrors"]:
        raise typer.Exit(ExitCode.NOT_DONE)
    print_result(payload["operation"], as_json=as_json)
