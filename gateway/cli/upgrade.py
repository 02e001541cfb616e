"""`upgrade-gateway upgrade`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Token, Url
from gateway.cli.order_options import (
    Customer,
    Json,
    Key,
    Preview,
    Quantity,
    Subscription,
    Wait,
    WithLicenses,
    place_order,
    upgrade_members,
)


def upgrade(
    customer: Customer,
    subscription: Subscription,
    offer: Annotated[
        str, typer.Argument(metavar="OFFER", help="Id of the legacy offer to upgrade to.")
    ],
    key: Key,
    quantity: Quantity = None,
    with_licenses: WithLicenses = False,
    preview_token: Preview = None,
    wait: Wait = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Upgrade a legacy license subscription, at most once per key. Exit code 0: it was bought.

    Exit code 3: it was not done. 4: it is unknown whether it was done. 5: it is still running; see
    `watch`.
    """
    from gateway.client.documents import UPGRADE

    members = upgrade_members(customer, subscription, offer, quantity, with_licenses=with_licenses)
    members["previewToken"] = preview_token
    place_order(UPGRADE, members, key, wait, (url, token), as_json=as_json)
