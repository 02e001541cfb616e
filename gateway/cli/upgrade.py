"""`upgrade-gateway preview` and `upgrade-gateway upgrade`."""

from typing import Annotated

import typer

from gateway.cli.failures import exit_on
from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.output import print_json
from gateway.cli.sent_order import SentOrder, exit_with_order_status

Customer = Annotated[str, typer.Argument(help="The customer's tenant id.")]
Subscription = Annotated[str, typer.Argument(help="The subscription to upgrade.")]
Offer = Annotated[str, typer.Argument(help="The offer to upgrade to.")]
Quantity = Annotated[
    int | None, typer.Option(min=1, help="Licenses to buy; as many as there are if left out.")
]
WithLicenses = Annotated[
    bool, typer.Option("--with-licenses", help="Move the users' licenses too.")
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
    """Show what an upgrade would do, as JSON; ends with 3 where it is not possible."""
    from gateway.client.gateway_client import InputRejected
    from gateway.client.upgrades import UpgradeArguments, preview_upgrade

    wish = UpgradeArguments(customer, subscription, offer, _type(with_licenses), quantity)
    refused = exit_on(InputRejected, exit_code=ExitCode.NOT_DONE)
    with open_client(url, token) as gateway, refused:
        found = preview_upgrade(gateway, wish)
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
        str, typer.Option(help="Idempotency key: give the same one to ask for the same upgrade.")
    ],
    quantity: Quantity = None,
    with_licenses: WithLicenses = False,
    wait: Annotated[int, typer.Option(min=0, max=60, help="Seconds to wait for the end.")] = 25,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Upgrade a subscription once for its key; ends with 0 only where it was bought.

    3: it was not done. 4: nobody knows whether it was. 5: it goes on; see `watch`.
    """
    from gateway.client.upgrades import UpgradeArguments, submit_upgrade

    wish = UpgradeArguments(customer, subscription, offer, _type(with_licenses), quantity)
    order = SentOrder(key)
    with open_client(url, token) as gateway, exit_with_order_status(order):
        payload = submit_upgrade(gateway, wish, key, wait)
        recorded = payload["operation"] or {}
        order.id, order.state = recorded.get("id"), recorded.get("state")
        print_json(payload)
        exit_with_state(order.state)


def exit_with_state(state: str | None) -> None:
    """End as an operation's state says; without an operation nothing was done."""
    from gateway.client.states import DONE_STATES, OPEN_STATES

    if state in OPEN_STATES:
        raise typer.Exit(ExitCode.STILL_OPEN)
    if state == "IN_DOUBT":
        raise typer.Exit(ExitCode.IN_DOUBT)
    if state not in DONE_STATES:
        raise typer.Exit(ExitCode.NOT_DONE)


def _type(with_licenses: bool) -> str:
    return "UPGRADE_WITH_LICENSE_TRANSFER" if with_licenses else "UPGRADE_ONLY"
