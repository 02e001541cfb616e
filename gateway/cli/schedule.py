"""`upgrade-gateway schedule` and `upgrade-gateway cancel-schedule`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, Token, Url
from gateway.cli.order_options import (
    Customer,
    Json,
    Key,
    Preview,
    Promotion,
    Quantity,
    ReplaceActions,
    Subscription,
    TermEnd,
    Wait,
    place_order,
)


def schedule(
    customer: Customer,
    subscription: Subscription,
    key: Key,
    item: Annotated[
        str | None,
        typer.Option(metavar="ITEM", help="Catalog item to renew to. Default: the current one."),
    ] = None,
    quantity: Quantity = None,
    term: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION", help="Term after the renewal, such as P1Y. Default: the current."
        ),
    ] = None,
    billing_cycle: Annotated[
        str | None,
        typer.Option(
            metavar="CYCLE", help="Billing cycle after the renewal. Default: the current one."
        ),
    ] = None,
    promotion: Promotion = None,
    term_end: TermEnd = None,
    replace_actions: ReplaceActions = False,
    preview_token: Preview = None,
    wait: Wait = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Schedule what a subscription renews to. Exit code 0: it is scheduled.

    Exit code 3: it is not. 4: it is unknown whether it is. 5: it is still running; see `watch`.
    """
    from gateway.client.documents import SCHEDULE

    members = {
        "customerId": customer,
        "subscriptionId": subscription,
        "toCatalogItemId": item,
        "quantity": quantity,
        "termDuration": term,
        "billingCycle": billing_cycle,
        "promotionId": promotion,
        "customTermEndDate": term_end,
        "replaceScheduledActions": replace_actions or None,
        "previewToken": preview_token,
    }
    place_order(SCHEDULE, members, key, wait, (url, token), as_json=as_json)


def cancel_schedule(
    customer: Customer,
    subscription: Subscription,
    key: Key,
    replace_actions: ReplaceActions = False,
    preview_token: Preview = None,
    wait: Wait = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Remove what a subscription would renew to, so that it renews unchanged.

    For exit codes, see `schedule`.
    """
    from gateway.client.documents import CANCEL_SCHEDULE

    members = {
        "customerId": customer,
        "subscriptionId": subscription,
        "replaceScheduledActions": replace_actions or None,
        "previewToken": preview_token,
    }
    place_order(CANCEL_SCHEDULE, members, key, wait, (url, token), as_json=as_json)
