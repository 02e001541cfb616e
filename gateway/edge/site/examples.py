"""The documents that GraphiQL opens with.

They are what a newcomer reads first: each shows one thing the graph does, and runs as it stands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ExampleIds:
    """Ids that exist in the world behind this gateway.

    Attributes:
        customer_id: a customer with legacy license subscriptions.
        azure_customer_id: a customer whose legacy Azure subscription can become an Azure plan.
        upgrading_customer_id: a customer whose Azure subscription is becoming, or became, one.
        new_commerce_customer_id: a customer with new-commerce subscriptions.
        running_upgrade_id: of the customer that is upgrading.
        upgradable_subscription_id: of the customer with legacy license subscriptions.
        target_offer_id: what that subscription can become.
    """

    customer_id: str
    azure_customer_id: str
    upgrading_customer_id: str
    new_commerce_customer_id: str
    running_upgrade_id: str
    upgradable_subscription_id: str
    target_offer_id: str

    @classmethod
    def from_sandbox(cls, known: Mapping[str, str]) -> Self:
        """Pick from what a sandbox names its examples; raises KeyError where it names others."""
        return cls(
            customer_id=known["customer_id"],
            azure_customer_id=known["azure_customer_id"],
            upgrading_customer_id=known["running_product_upgrade_customer_id"],
            new_commerce_customer_id=known["transition_customer_id"],
            running_upgrade_id=known["running_product_upgrade_id"],
            upgradable_subscription_id=known["upgradable_subscription_id"],
            target_offer_id=known["upgrade_target_offer_id"],
        )


@dataclass(frozen=True, slots=True)
class ExampleDocument:
    """A document with its variables as JSON text, as GraphiQL's editors hold them."""

    title: str
    description: str
    query: str
    variables: str = ""


CUSTOMERS_WITH_UPGRADES = """\
# Ctrl+Enter runs this.
# What can customers upgrade to, and why not?
query CustomersWithUpgrades {
  customers(first: 3) {
    nodes {
      id
      companyProfile { companyName domain }
      subscriptions(first: 5) {
        nodes {
          id
          friendlyName
          status
          quantity
          upgrades {
            targetOffer { id name }
            upgradeType
            isEligible
            quantity
            upgradeErrors { code rawCode description }
          }
        }
      }
    }
  }
}
"""

CUSTOMER_WITH_OFFERS = """\
# Everything one customer holds,
# each subscription with its catalog offer.
query CustomerWithOffers($customerId: ID!) {
  customer(id: $customerId) {
    companyProfile { companyName domain }
    relationshipToPartner
    subscriptions {
      nodes {
        id
        friendlyName
        commerce
        status
        quantity
        billingCycle
        commitmentEndDate
        offer {
          id
          name
          minimumQuantity
          maximumQuantity
          category { id name }
          upgradeTargets { id name }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

PREVIEW_UPGRADE = """\
# STEP 1 of 2: look. Nothing is bought.
# Copy "previewToken" from the response for step 2, "BuyUpgrade".
query PreviewUpgrade($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible
    quantity
    targetOffer { id name }
    sourceAfterwards
    warnings { code message }
    upgradeErrors { code description }
    userErrors { code message field }
    previewToken
    expiresAt
  }
}
"""

BUY_UPGRADE = """\
# STEP 2 of 2: THIS SPENDS MONEY.
# It buys nothing until "previewToken" in the variables is the token of step 1,
# and then only what that preview showed.
# The same idempotencyKey again is the same upgrade, never a second one.
mutation BuyUpgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation { id state attempts { outcome correlationId } }
    result {
      targetSubscription { id friendlyName quantity status }
      licenseErrors { email errors { description } }
    }
    userErrors { code message field }
  }
}
"""

TOKEN_OF_STEP_1 = "paste the previewToken of step 1 here"  # noqa: S105 - no token yet

AZURE_UPGRADES = """\
# May a legacy Azure subscription become an Azure plan?
# Once an upgrade was requested, "upgrade" tells its progress.
query AzureUpgrades($eligibleId: ID!, $upgradingId: ID!) {
  eligible: customer(id: $eligibleId) { ...AzureUpgrade }
  upgrading: customer(id: $upgradingId) { ...AzureUpgrade }
}

fragment AzureUpgrade on Customer {
  companyProfile { companyName }
  productUpgradeEligibility(productFamily: "azure") {
    isEligible
    reason
    upgradeId
    upgrade {
      status
      rawStatus
      lineItems {
        sourceProduct { id name }
        targetProduct { id name }
        status
        upgradedDate
        errorDetails { code message }
      }
      errorDetails { code message }
    }
  }
}
"""

NEW_COMMERCE_TRANSITIONS = """\
# New-commerce subscriptions move by transitions.
query NewCommerceTransitions($customerId: ID!) {
  customer(id: $customerId) {
    companyProfile { companyName }
    subscriptions(first: 5) {
      nodes {
        id
        friendlyName
        commerce
        transitionEligibilities(eligibilityType: IMMEDIATE) {
          catalogItemId
          title
          quantity
          eligibilities {
            isEligible
            transitionType
            errors { code rawCode description }
          }
        }
      }
    }
  }
}
"""

FOLLOW_UPGRADE = """\
# A subscription stays open: the state now, then each one that differs,
# until the last. All who follow share one call to the vendor at a time.
# operation(id:) follows what a mutation has begun, batch(id:) many.
subscription FollowUpgrade($upgradeId: ID!, $customerId: ID!) {
  productUpgradeStatus(upgradeId: $upgradeId, request: { customerId: $customerId }) {
    id
    status
    lineItems { status sourceProduct { name } targetProduct { name } upgradedDate }
    errorDetails { message }
  }
}
"""

CATALOG_OFFERS = """\
# The catalog of a country, page by page:
# endCursor, given as the variable "after", asks for the next.
query CatalogOffers($country: String!, $locale: String!, $after: String) {
  offerCategories(country: $country, locale: $locale) { id name }
  offers(country: $country, locale: $locale, first: 10, after: $after) {
    nodes {
      id
      name
      billing
      isAddOn
      minimumQuantity
      maximumQuantity
      upgradeTargets { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

PARTIAL_DATA = """\
# The unknown customer is null, and "errors" says why:
# a code, a path, and an id to give to support.
# The known one is answered all the same.
query PartialData($known: ID!, $unknown: ID!) {
  known: customer(id: $known) {
    id
    companyProfile { companyName }
  }
  unknown: customer(id: $unknown) {
    id
    companyProfile { companyName }
  }
}
"""

UNKNOWN_CUSTOMER_ID = "00000000-0000-4000-8000-000000000000"


def example_documents(ids: ExampleIds | None) -> list[ExampleDocument]:
    """The examples in reading order; without ids, those alone that run against any account."""
    if ids is None:
        return [_customers_with_upgrades(), _catalog_offers()]
    return [
        _customers_with_upgrades(),
        *_examples_about_customers(ids),
        _catalog_offers(),
        ExampleDocument(
            "Partial data",
            "A branch that fails costs only itself.",
            PARTIAL_DATA,
            _variables(known=ids.customer_id, unknown=UNKNOWN_CUSTOMER_ID),
        ),
    ]


def _customers_with_upgrades() -> ExampleDocument:
    return ExampleDocument(
        "Customers and their upgrades",
        "Customers, subscriptions, upgrades and their reasons in one query.",
        CUSTOMERS_WITH_UPGRADES,
    )


def _examples_about_customers(ids: ExampleIds) -> list[ExampleDocument]:
    return [
        ExampleDocument(
            "One customer and its offers",
            "All subscriptions of a customer, each with its catalog offer.",
            CUSTOMER_WITH_OFFERS,
            _variables(customerId=ids.customer_id),
        ),
        *_two_steps_of_an_upgrade(ids),
        ExampleDocument(
            "Azure plan upgrades",
            "Who may move from legacy Azure to the Azure plan, and how far a move is.",
            AZURE_UPGRADES,
            _variables(eligibleId=ids.azure_customer_id, upgradingId=ids.upgrading_customer_id),
        ),
        ExampleDocument(
            "An upgrade, live",
            "A product upgrade as it goes on, without asking again.",
            FOLLOW_UPGRADE,
            _variables(upgradeId=ids.running_upgrade_id, customerId=ids.upgrading_customer_id),
        ),
        ExampleDocument(
            "New-commerce transitions",
            "What new-commerce subscriptions may move to, and why not.",
            NEW_COMMERCE_TRANSITIONS,
            _variables(customerId=ids.new_commerce_customer_id),
        ),
    ]


def _two_steps_of_an_upgrade(ids: ExampleIds) -> list[ExampleDocument]:
    wish = {
        "customerId": ids.customer_id,
        "subscriptionId": ids.upgradable_subscription_id,
        "targetOfferId": ids.target_offer_id,
        "upgradeType": "UPGRADE_ONLY",
    }
    order = {**wish, "idempotencyKey": "graphiql-example-1", "previewToken": TOKEN_OF_STEP_1}
    return [
        ExampleDocument(
            "Upgrade, step 1: preview",
            "What an upgrade would do. Nothing is bought.",
            PREVIEW_UPGRADE,
            _variables(input=wish),
        ),
        ExampleDocument(
            "Upgrade, step 2: buy",
            "Spends money, once it has the token of step 1.",
            BUY_UPGRADE,
            _variables(input=order),
        ),
    ]


def _catalog_offers() -> ExampleDocument:
    return ExampleDocument(
        "The offer catalog",
        "Categories and offers of a country, page by page.",
        CATALOG_OFFERS,
        _variables(country="US", locale="en-US"),
    )


def _variables(**values: object) -> str:
    return json.dumps(values, indent=2)
