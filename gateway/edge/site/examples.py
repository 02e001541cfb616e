"""The example documents in GraphiQL; each shows one capability of the graph and runs as it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from gateway.edge.site import example_queries as queries


@dataclass(frozen=True, slots=True)
class ExampleIds:
    """Ids that exist in the sandbox behind this gateway.

    Attributes:
        customer_id: a customer with legacy license subscriptions.
        azure_customer_id: a customer whose legacy Azure subscription can become an Azure plan.
        upgrading_customer_id: a customer with an Azure plan upgrade, in progress or completed.
        new_commerce_customer_id: a customer with new-commerce subscriptions.
        running_upgrade_id: the Azure plan upgrade of `upgrading_customer_id`.
        upgradable_subscription_id: a license subscription of `customer_id`.
        target_offer_id: an offer that `upgradable_subscription_id` can be upgraded to.
        new_commerce_subscription_id: a subscription of `new_commerce_customer_id`.
        target_catalog_item_id: an item to which `new_commerce_subscription_id` can transition.
        renewal_customer_id: a customer with subscriptions whose renewals can be changed.
        renewable_subscription_id: a subscription of `renewal_customer_id`.
    """

    customer_id: str
    azure_customer_id: str
    upgrading_customer_id: str
    new_commerce_customer_id: str
    running_upgrade_id: str
    upgradable_subscription_id: str
    target_offer_id: str
    new_commerce_subscription_id: str
    target_catalog_item_id: str
    renewal_customer_id: str
    renewable_subscription_id: str

    @classmethod
    def from_sandbox(cls, ids: Mapping[str, str]) -> Self:
        """Take the ids from the sandbox's list of examples. Raises KeyError if one is missing."""
        return cls(
            customer_id=ids["customer_id"],
            azure_customer_id=ids["azure_customer_id"],
            upgrading_customer_id=ids["running_product_upgrade_customer_id"],
            new_commerce_customer_id=ids["transition_customer_id"],
            running_upgrade_id=ids["running_product_upgrade_id"],
            upgradable_subscription_id=ids["upgradable_subscription_id"],
            target_offer_id=ids["upgrade_target_offer_id"],
            new_commerce_subscription_id=ids["new_commerce_subscription_id"],
            target_catalog_item_id=ids["transition_target_item_id"],
            renewal_customer_id=ids["renewal_customer_id"],
            renewable_subscription_id=ids["renewable_subscription_id"],
        )


@dataclass(frozen=True, slots=True)
class ExampleDocument:
    """A document and its variables, as JSON text for GraphiQL's editor."""

    title: str
    description: str
    query: str
    variables: str = ""


def example_documents(ids: ExampleIds | None) -> list[ExampleDocument]:
    """Return the examples in reading order. Without ids, returns those for any account."""
    if ids is None:
        return [_customers_with_upgrades(), _catalog_offers()]
    return [
        _customers_with_upgrades(),
        *_customer_examples(ids),
        _catalog_offers(),
        ExampleDocument(
            "Partial data",
            "An error in one field does not affect the others.",
            queries.PARTIAL_DATA,
            _variables(known=ids.customer_id, unknown=queries.UNKNOWN_CUSTOMER_ID),
        ),
    ]


def _customers_with_upgrades() -> ExampleDocument:
    return ExampleDocument(
        "Customers and their upgrades",
        "Customers, their subscriptions, and the upgrades of each, in one query.",
        queries.CUSTOMERS_WITH_UPGRADES,
    )


def _customer_examples(ids: ExampleIds) -> list[ExampleDocument]:
    return [
        ExampleDocument(
            "One customer and its offers",
            "All subscriptions of a customer, each with its catalog offer.",
            queries.CUSTOMER_WITH_OFFERS,
            _variables(customerId=ids.customer_id),
        ),
        *_upgrade_steps(ids),
        ExampleDocument(
            "Azure plan upgrades",
            "Which customers can move from legacy Azure to the Azure plan, and the progress.",
            queries.AZURE_UPGRADES,
            _variables(eligibleId=ids.azure_customer_id, upgradingId=ids.upgrading_customer_id),
        ),
        ExampleDocument(
            "An upgrade, live",
            "The state of a running upgrade, without polling.",
            queries.FOLLOW_UPGRADE,
            _variables(upgradeId=ids.running_upgrade_id, customerId=ids.upgrading_customer_id),
        ),
        ExampleDocument(
            "New-commerce transitions",
            "The possible transitions of new-commerce subscriptions, with reasons if not eligible.",
            queries.NEW_COMMERCE_TRANSITIONS,
            _variables(customerId=ids.new_commerce_customer_id),
        ),
        ExampleDocument(
            "Renewals",
            "What subscriptions renew to, and a preview of another number of licenses.",
            queries.RENEWALS,
            _variables(
                customerId=ids.renewal_customer_id,
                input={
                    "kind": "SCHEDULE_UPGRADE",
                    "customerId": ids.renewal_customer_id,
                    "subscriptionId": ids.renewable_subscription_id,
                    "quantity": 2,
                },
            ),
        ),
    ]


def _upgrade_steps(ids: ExampleIds) -> list[ExampleDocument]:
    upgrade = {
        "customerId": ids.customer_id,
        "subscriptionId": ids.upgradable_subscription_id,
        "targetOfferId": ids.target_offer_id,
        "upgradeType": "UPGRADE_ONLY",
    }
    transition = {
        "customerId": ids.new_commerce_customer_id,
        "subscriptionId": ids.new_commerce_subscription_id,
        "toCatalogItemId": ids.target_catalog_item_id,
        "transitionType": "TRANSITION_ONLY",
        "quantity": 1,
    }
    order = {
        **upgrade,
        "idempotencyKey": "graphiql-example-1",
        "previewToken": queries.PREVIEW_TOKEN_PLACEHOLDER,
    }
    return [
        ExampleDocument(
            "Upgrade, step 1: preview",
            "Shows what an upgrade would do. Nothing is bought.",
            queries.PREVIEW_UPGRADE,
            _variables(input=upgrade),
        ),
        ExampleDocument(
            "Upgrade, step 2: buy",
            "Spends money. Needs the token of step 1.",
            queries.BUY_UPGRADE,
            _variables(input=order),
        ),
        ExampleDocument(
            "Previews of every family",
            "What an upgrade, a transition and a product upgrade would do. Nothing is bought.",
            queries.PREVIEW_EVERY_FAMILY,
            _variables(
                upgrade=upgrade,
                transition=transition,
                productUpgrade={"customerId": ids.azure_customer_id},
            ),
        ),
    ]


def _catalog_offers() -> ExampleDocument:
    return ExampleDocument(
        "The offer catalog",
        "Offer categories and offers of a country, in pages.",
        queries.CATALOG_OFFERS,
        _variables(country="US", locale="en-US"),
    )


def _variables(**values: object) -> str:
    return json.dumps(values, indent=2)
