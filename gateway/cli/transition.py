"""`upgrade-gateway transition`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Token, Url
from gateway.cli.order_options import (
    BillingCycle,
    Customer,
    Json,
    Key,
    Preview,
    Promotion,
    Subscription,
    Term,
    ToSubscription,
    Wait,
    WithLicenses,
    place_order,
    transition_members,
)


def transition(
    customer: Customer,
    subscription: Subscription,
    item: Annotated[
        str,
        typer.Argument(
            metavar="ITEM",
            help="Catalog item to change to, such as CFQ7TTC0LF8Q:0001:CFQ7TTC0KDLJ.",
        ),
    ],
    quantity: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="Number of licenses to move.")
    ],
    key: Key,
    with_licenses: WithLicenses = False,
    to_subscription: ToSubscription = None,
    term: Term = None,
    billing_cycle: BillingCycle = None,
    promotion: Promotion = None,
    preview_token: Preview = None,
    wait: Wait = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Move a subscription to another catalog item, at most once per key. Exit code 0: it was done.

    Exit code 3: it was not done. 4: it is unknown whether it was done. 5: it is still running; see
    `watch`.
    """
    from gateway.client.documents import TRANSITION

    members = {
        **transition_members(customer, subscription, item, quantity, with_licenses=with_licenses),
        "toSubscriptionId": to_subscription,
        "termDuration": term,
        "billingCycle": billing_cycle,
        "promotionId": promotion,
        "previewToken": preview_token,
    }
    place_order(TRANSITION, members, key, wait, (url, token), as_json=as_json)
