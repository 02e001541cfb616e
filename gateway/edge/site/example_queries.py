"""The texts of GraphiQL's example documents; each runs as it stands."""

CUSTOMERS_WITH_UPGRADES = """\
# Press Ctrl+Enter to run this query.
# What can these subscriptions be upgraded to, and if not, why?
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
# All subscriptions of one customer,
# each with its catalog offer.
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
# STEP 1 of 2: preview. Nothing is bought.
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
# It fails until you replace "previewToken" in the variables with the token of step 1,
# and buys only what that preview showed.
# Sending the same idempotencyKey again returns the same upgrade and buys no second one.
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

PREVIEW_TOKEN_PLACEHOLDER = "paste the previewToken of step 1 here"  # noqa: S105 - no secret

PREVIEW_EVERY_FAMILY = """\
# One input previews orders of every family. The kind follows from its members:
# targetOfferId is an upgrade, toCatalogItemId a transition, neither a product upgrade.
# Pass "previewToken" to the mutation, or in the line of a batch.
query PreviewEveryFamily(
  $upgrade: UpgradePreviewInput!
  $transition: UpgradePreviewInput!
  $productUpgrade: UpgradePreviewInput!
) {
  upgrade: upgradePreview(input: $upgrade) { ...Preview }
  transition: upgradePreview(input: $transition) { ...Preview }
  productUpgrade: upgradePreview(input: $productUpgrade) { ...Preview }
}

fragment Preview on UpgradePreview {
  kind
  commerce
  isEligible
  targetName
  quantity
  minimumQuantity
  maximumQuantity
  licensesLeft
  movesUserLicenses
  sourceAfterwards
  targetAfterwards
  warnings { code message }
  userErrors { code message field }
  previewToken
}
"""

AZURE_UPGRADES = """\
# Can a legacy Azure subscription become an Azure plan?
# After an upgrade was requested, "upgrade" shows its progress.
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
# New-commerce subscriptions are upgraded by transitions.
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

RENEWALS = """\
# What is scheduled for the end of each term, and by which operation of this gateway.
# The preview shows what "scheduleUpgrade" would do with the same input. Nothing is scheduled.
query Renewals($customerId: ID!, $input: UpgradePreviewInput!) {
  customer(id: $customerId) {
    subscriptions {
      nodes {
        id
        offerName
        quantity
        autoRenewEnabled
        commitmentEndDate
        scheduledChange { quantity product { productId skuId termDuration billingCycle } }
        scheduledBy { id createdAt }
      }
    }
  }
  upgradePreview(input: $input) {
    isEligible
    targetName
    sourceAfterwards
    targetAfterwards
    warnings { code message }
    userErrors { code message }
    previewToken
  }
}
"""

FOLLOW_UPGRADE = """\
# A subscription sends the current state, then every change until the final state.
# All subscribers of one upgrade share one call to Partner Center at a time.
# operation(id:) watches an operation that a mutation has started; batch(id:) a batch.
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
# The catalog of a country in pages.
# Set the variable "after" to endCursor to read the next page.
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
# The unknown customer is null, and "errors" has the reason:
# a code, a path, and a correlation id for support.
# The other customer is returned as usual.
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
