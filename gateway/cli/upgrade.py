"""`upgrade-gateway preview` and `upgrade-gateway upgrade`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.output import exit_on, print_json
from gateway.cli.sent_order import SentOrder, exit_with_order_status

Customer = Annotated[str, typer.Argument(help="Tenant id of the customer.")]
Subscription = Annotated[str, typer.Argument(help="Id of the subscription to upgrade.")]
Offer = Annotated[str, typer.Argument(help="Id of the offer to upgrade to.")]
Quantity = Annotated[
    int | None, typer.Option(min=1, help="Number of licenses. Default: those of the subscription.")
]
WithLicenses = Annotated[
    bool, typer.Option("--with-licenses", help="Also move the users' licenses.")
]


def preview(
    customer: Customer,
    subscription: Subscription,
    offer: Offer,
    quantity: Quantity = None,
    with_licenses: WithLicenses = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Print what an upgrade would do, as JSON.

    Exit code 3: the upgrade is not possible.
    """
    from gateway.client.gateway_client import InputRejected
    from gateway.client.upgrades import UpgradeArguments, preview_upgrade

    arguments = UpgradeArguments(customer, subscription, offer, _type(with_licenses), quantity)
    refused = exit_on(InputRejected, exit_code=ExitCode.NOT_DONE)
    with open_client(url, token) as gateway, refused:
        found = preview_upgrade(gateway, arguments)
    print_json(found)
    for error in found["userErrors"]:
        typer.echo(f"upgrade-gateway: {error['message']}", err=True)
    if not found["isEligible"]:
        raise typer.Exit(ExitCode.NOT_DONE)


def upgrade(
    customer: Customer,
    subscription: Subscription,
    offer: Offer,
    key: Annotated[
        str, typer.Option(help="Idempotency key. To retry the same upgrade, use the same key.")
    ],
    quantity: Quantity = None,
    with_licenses: WithLicenses = False,
    wait: Annotated[int, typer.Option(min=0, max=60, help="Seconds to wait for the outcome.")] = 25,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Upgrade a subscription, at most once per key. Exit code 0: it was bought.

    Exit code 3: it was not done. 4: it is unknown whether it was done. 5: it is still running; see
    `watch`.
    """
    from gateway.client.upgrades import UpgradeArguments, submit_upgrade

    arguments = UpgradeArguments(customer, subscription, offer, _type(with_licenses), quantity)
    order = SentOrder(key)
    with open_client(url, token) as gateway, exit_with_order_status(order):
        payload = submit_upgrade(gateway, arguments, key, wait)
        recorded = payload["operation"] or {}
        order.id, order.state = recorded.get("id"), recorded.get("state")
        print_json(payload)
        exit_with_state(order.state)


def exit_with_state(state: str | None) -> None:
    """Exit with the code of an operation's state; None means that there is no operation."""
    from gateway.client.operations import DONE_STATES, OPEN_STATES

    if state in OPEN_STATES:
        raise typer.Exit(ExitCode.STILL_OPEN)
    if state == "IN_DOUBT":
        raise typer.Exit(ExitCode.IN_DOUBT)
    if state not in DONE_STATES:
        raise typer.Exit(ExitCode.NOT_DONE)


def _type(with_licenses: bool) -> str:
    return "UPGRADE_WITH_LICENSE_TRANSFER" if with_licenses else "UPGRADE_ONLY"
