"""Options of the commands that preview or place an order, and what these commands do."""

from collections.abc import Mapping
from typing import Annotated

import typer

from gateway.cli.gateway_options import ExitCode, open_client
from gateway.cli.output import print_result
from gateway.cli.sent_order import SentOrder, exit_with_order_status

Customer = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="Tenant id of the customer, a GUID.")
]
Subscription = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION", help="Id of the subscription to change, a GUID.")
]
Quantity = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="NUMBER", help="Number of licenses. Default: those of the subscription."
    ),
]
WithLicenses = Annotated[
    bool, typer.Option("--with-licenses", help="Also move the users' licenses.")
]
ToSubscription = Annotated[
    str | None,
    typer.Option(
        metavar="SUBSCRIPTION", help="Id of an existing subscription that receives the licenses."
    ),
]
Term = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION", help="Term after the transition, such as P1Y. Default: the current one."
    ),
]
BillingCycle = Annotated[
    str | None,
    typer.Option(
        metavar="CYCLE",
        help="Billing cycle after the transition, such as MONTHLY. Default: the current one.",
    ),
]
Promotion = Annotated[
    str | None, typer.Option(metavar="PROMOTION", help="Id of a promotion to apply.")
]
ProductFamily = Annotated[
    str, typer.Option(metavar="FAMILY", help="Product family of the product upgrade.")
]
TermEnd = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="When the next term ends, if it is to be aligned."),
]
ReplaceActions = Annotated[
    bool,
    typer.Option(
        "--replace-actions",
        help="Replace scheduledActions, such as a cancellation that somebody chose.",
    ),
]
Preview = Annotated[
    str | None,
    typer.Option(
        "--preview-token",
        metavar="TOKEN",
        help="The previewToken of a preview. The order is refused if anything has changed since.",
    ),
]
Key = Annotated[
    str,
    typer.Option(metavar="KEY", help="Idempotency key. To retry the same order, use the same key."),
]
Wait = Annotated[
    int, typer.Option(min=0, max=60, metavar="SECONDS", help="Seconds to wait for the outcome.")
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print JSON on a terminal, too, as everywhere else."),
]


def upgrade_members(
    customer: str, subscription: str, offer: str, quantity: int | None, *, with_licenses: bool
) -> dict[str, object]:
    """Return the input of the mutation that upgrades a legacy subscription."""
    return {
        "customerId": customer,
        "subscriptionId": subscription,
        "targetOfferId": offer,
        "upgradeType": "UPGRADE_WITH_LICENSE_TRANSFER" if with_licenses else "UPGRADE_ONLY",
        "quantity": quantity,
    }


def transition_members(
    customer: str, subscription: str, item: str, quantity: int | None, *, with_licenses: bool
) -> dict[str, object]:
    """Return the input of a transition, without its optional members."""
    transition_type = "TRANSITION_WITH_LICENSE_TRANSFER" if with_licenses else "TRANSITION_ONLY"
    return {
        "customerId": customer,
        "subscriptionId": subscription,
        "toCatalogItemId": item,
        "transitionType": transition_type,
        "quantity": quantity,
    }


def place_order(
    document: str,
    members: Mapping[str, object],
    key: str,
    wait_s: int,
    gateway: tuple[str, str],
    *,
    as_json: bool,
) -> None:
    """Submit an order, print the payload, and exit with the exit code of the operation's state.

    `document` is a mutation of `gateway.client.documents`, and `gateway` a URL and a token.
    """
    from gateway.client.orders import submit_order

    order = SentOrder(key)
    with open_client(*gateway) as client, exit_with_order_status(order):
        payload = submit_order(client, document, members, key, wait_s)
        recorded = payload["operation"] or {}
        order.id, order.state = recorded.get("id"), recorded.get("state")
        print_result(payload, as_json=as_json)
        exit_with_state(order.state)


def exit_with_state(state: str | None) -> None:
    """Exit with the exit code of an operation's state; None means that nothing was recorded."""
    from gateway.client.operations import DONE_STATES, OPEN_STATES

    if state in OPEN_STATES:
        raise typer.Exit(ExitCode.STILL_OPEN)
    if state == "IN_DOUBT":
        raise typer.Exit(ExitCode.IN_DOUBT)
    if state not in DONE_STATES:
        raise typer.Exit(ExitCode.NOT_DONE)
