"""`upgrade-gateway preview`."""

from typing import Annotated

import typer

from gateway.cli.gateway_options import DEFAULT_URL, ExitCode, Token, Url, open_client
from gateway.cli.order_options import (
    BillingCycle,
    Customer,
    Json,
    Promotion,
    Quantity,
    ReplaceActions,
    Term,
    TermEnd,
    ToSubscription,
    WithLicenses,
    transition_members,
    upgrade_members,
)
from gateway.cli.output import exit_on, print_result


def preview(
    customer: Customer,
    subscription: Annotated[
        str | None,
        typer.Argument(
            metavar="SUBSCRIPTION",
            help="Id of the subscription to change. Without it: a product upgrade of the customer.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="Id of a legacy offer to upgrade to, or the catalog item of a transition.",
        ),
    ] = None,
    quantity: Quantity = None,
    with_licenses: WithLicenses = False,
    to_subscription: ToSubscription = None,
    term: Term = None,
    billing_cycle: BillingCycle = None,
    promotion: Promotion = None,
    term_end: TermEnd = None,
    replace_actions: ReplaceActions = False,
    at_renewal: Annotated[
        bool,
        typer.Option("--at-renewal", help="Show what `schedule` would do, not a change now."),
    ] = False,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Print what an order of any kind would do, without placing it.

    Exit code 3: it is not possible.
    """
    from gateway.client.gateway_client import InputRejected
    from gateway.client.orders import preview_order

    find_members = _renewal_members if at_renewal else _order_members
    members = {
        **find_members(customer, subscription, target, quantity, with_licenses=with_licenses),
        "toSubscriptionId": to_subscription,
        "termDuration": term,
        "billingCycle": billing_cycle,
        "promotionId": promotion,
        "customTermEndDate": term_end,
        "replaceScheduledActions": replace_actions or None,
    }
    refused = exit_on(InputRejected, exit_code=ExitCode.NOT_DONE)
    with open_client(url, token) as gateway, refused:
        found = preview_order(gateway, members)
    print_result(found, as_json=as_json)
    for error in found["userErrors"]:
        typer.echo(f"upgrade-gateway: {error['message']}", err=True)
    if not found["isEligible"]:
        raise typer.Exit(ExitCode.NOT_DONE)


def _order_members(
    customer: str,
    subscription: str | None,
    target: str | None,
    quantity: int | None,
    *,
    with_licenses: bool,
) -> dict[str, object]:
    if subscription is None or target is None:
        return {"customerId": customer, "subscriptionId": subscription, "quantity": quantity}
    # Only catalog items have colons; see `schema.arguments`.
    build = transition_members if ":" in target else upgrade_members
    return build(customer, subscription, target, quantity, with_licenses=with_licenses)


def _renewal_members(
    customer: str,
    subscription: str | None,
    target: str | None,
    quantity: int | None,
    *,
    with_licenses: bool,
) -> dict[str, object]:
    """Return the members. The gateway refuses those of orders of other kinds."""
    return {
        "kind": "SCHEDULE_UPGRADE",
        "customerId": customer,
        "subscriptionId": subscription,
        "toCatalogItemId": target,
        "quantity": quantity,
        "transitionType": "TRANSITION_WITH_LICENSE_TRANSFER" if with_licenses else None,
    }
