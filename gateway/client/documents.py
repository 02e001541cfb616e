"""The GraphQL documents that the commands send.

Every gateway registers those of its own version, so that they run under any `persisted.policy`.
"""

from typing import Final

_OPERATION_FIELDS: Final = """
fragment Operation on UpgradeOperation {
  id kind state principal idempotencyKey requestId createdAt updatedAt retryAt waitingFor
  settledBy settlementNote
  order {
    customerId subscriptionId quantity targetName targetOfferId upgradeType productFamily
    toCatalogItemId transitionType toSubscriptionId termDuration billingCycle promotionId
    customTermEndDate
  }
  result { targetSubscriptionId }
  transition { operationId toSubscriptionId }
  productUpgrade { id status }
  scheduledChange { quantity product { productId skuId termDuration billingCycle } }
  failure { code message }
  attempts {
    number correlationId startedAt endedAt outcome upstreamStatus upstreamCode message
  }
}
"""
_BATCH_FIELDS: Final = """
fragment Batch on UpgradeBatch {
  id state idempotencyKey createdAt updatedAt cancelledAt
  counts {
    total open queued running waiting done doneWithLicenseErrors refused failed inDoubt cancelled
  }
}
"""

PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible kind commerce quantity minimumQuantity maximumQuantity licensesLeft movesUserLicenses
    sourceAfterwards targetName targetAfterwards previewToken expiresAt
    targetOffer { id name }
    productUpgrade { id status }
    upgradeErrors { code description }
    transitionErrors { code description }
    targetSubscriptionErrors { code description }
    userErrors { code message }
    warnings { code message }
  }
}
"""
UPGRADE: Final = (
    """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation { ...Operation }
    result { targetSubscriptionId licenseErrors { userObjectId email } }
    userErrors { code message }
  }
}
"""
    + _OPERATION_FIELDS
)
TRANSITION: Final = (
    """
mutation Transition($input: TransitionSubscriptionInput!) {
  transitionSubscription(input: $input) {
    operation { ...Operation } userErrors { code message }
  }
}
"""
    + _OPERATION_FIELDS
)
SCHEDULE: Final = (
    """
mutation Schedule($input: ScheduleUpgradeInput!) {
  scheduleUpgrade(input: $input) {
    operation { ...Operation } userErrors { code message }
  }
}
"""
    + _OPERATION_FIELDS
)
CANCEL_SCHEDULE: Final = (
    """
mutation CancelSchedule($input: CancelScheduledUpgradeInput!) {
  cancelScheduledUpgrade(input: $input) {
    operation { ...Operation } userErrors { code message }
  }
}
"""
    + _OPERATION_FIELDS
)
PRODUCT_UPGRADE: Final = (
    """
mutation ProductUpgrade($input: RequestProductUpgradeInput!) {
  requestProductUpgrade(input: $input) {
    operation { ...Operation } userErrors { code message }
  }
}
"""
    + _OPERATION_FIELDS
)
OPERATION: Final = (
    "query Operation($id: ID!) { operation(id: $id) { ...Operation } }" + _OPERATION_FIELDS
)
OPERATIONS: Final = (
    """
query Operations(
  $after: String, $states: [OperationStateInput!], $kinds: [OperationKindInput!], $customerId: ID,
  $principal: String, $createdFrom: DateTime, $createdBefore: DateTime
) {
  operations(
    first: 100, after: $after, states: $states, kinds: $kinds, customerId: $customerId,
    principal: $principal, createdFrom: $createdFrom, createdBefore: $createdBefore
  ) {
    nodes { ...Operation } pageInfo { hasNextPage endCursor }
  }
}
"""
    + _OPERATION_FIELDS
)
FOLLOW_OPERATION: Final = "subscription FollowOperation($id: ID!) { operation(id: $id) { state } }"
SETTLE: Final = (
    """
mutation Settle($input: SettleOperationInput!) {
  settleOperation(input: $input) { operation { ...Operation } userErrors { code message } }
}
"""
    + _OPERATION_FIELDS
)
SUBMIT_BATCH: Final = """
mutation SubmitBatch($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) { batch { id } userErrors { code message field } }
}
"""
BATCH: Final = "query Batch($id: ID!) { batch(id: $id) { ...Batch } }" + _BATCH_FIELDS
BATCH_LINES: Final = (
    """
query BatchLines($id: ID!, $after: String, $states: [OperationStateInput!]) {
  batch(id: $id) {
    lines(first: 100, after: $after, states: $states) {
      nodes { number operation { ...Operation } } pageInfo { hasNextPage endCursor }
    }
  }
}
"""
    + _OPERATION_FIELDS
)
FOLLOW_BATCH: Final = (
    "subscription FollowBatch($id: ID!) { batch(id: $id) { ...Batch } }" + _BATCH_FIELDS
)
CANCEL_BATCH: Final = (
    """
mutation CancelBatch($input: CancelBatchInput!) {
  cancelBatch(input: $input) { batch { ...Batch } userErrors { code message } }
}
"""
    + _BATCH_FIELDS
)

ALL: Final = (
    PREVIEW,
    UPGRADE,
    TRANSITION,
    SCHEDULE,
    CANCEL_SCHEDULE,
    PRODUCT_UPGRADE,
    OPERATION,
    OPERATIONS,
    FOLLOW_OPERATION,
    SETTLE,
    SUBMIT_BATCH,
    BATCH,
    BATCH_LINES,
    FOLLOW_BATCH,
    CANCEL_BATCH,
)
