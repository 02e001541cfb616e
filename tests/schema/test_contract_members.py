"""The members of CONTRACT 5, by resource, in the wire models and in the graph."""

from typing import Any, Final

import msgspec
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from gateway.upstream.models import (
    audit_record,
    availability,
    custom_term_end_date,
    customer,
    offer,
    product,
    product_upgrade,
    promotion,
    provisioning,
    resource,
    scheduled_change,
    service_fault,
    subscription,
    subscription_terms,
    transition,
    upgrade,
    upgrade_result,
    webhook,
)
from gateway.upstream.models.base import WireModel
from tests.support.upstream import cached_graph

ATTRIBUTED: Final = " attributes"

# Graph type, wire model, members in the contract's order.
MEMBERS: Final[list[tuple[str, type, str]]] = [
    ("ResourceAttributes", resource.WireAttributes, "etag objectType"),
    ("Link", resource.WireLink, "uri method headers body"),
    ("LinkHeader", resource.WireLinkHeader, "key value"),
    ("ResourceLinks", resource.WireLinks, "self next previous attributes"),
    ("OfferLinks", resource.WireLinks, "learnMore self next previous"),
    (
        "CustomerSubscriptionLinks",
        resource.WireLinks,
        "offer parentSubscription product sku availability activationLinks entitlement"
        " self next previous",
    ),
    (
        "Upgrade",
        upgrade.WireUpgrade,
        "targetOffer upgradeType isEligible quantity upgradeErrors" + ATTRIBUTED,
    ),
    (
        "UpgradeError",
        upgrade.WireUpgradeError,
        "code description additionalDetails" + ATTRIBUTED,
    ),
    (
        "UpgradeResult",
        upgrade_result.WireUpgradeResult,
        "sourceSubscriptionId targetSubscriptionId upgradeType upgradeErrors licenseErrors"
        + ATTRIBUTED,
    ),
    (
        "UserLicenseError",
        upgrade_result.WireUserLicenseError,
        "userObjectId name email errors" + ATTRIBUTED,
    ),
    ("ServiceFault", service_fault.WireServiceFault, "code description data source" + ATTRIBUTED),
    (
        "ProductUpgradesEligibility",
        product_upgrade.WireProductUpgradesEligibility,
        "customerId productFamily isEligible upgradeId reason" + ATTRIBUTED,
    ),
    (
        "ProductUpgradesStatus",
        product_upgrade.WireProductUpgradesStatus,
        "id productFamily status lineItems errorDetails" + ATTRIBUTED,
    ),
    (
        "UpgradesLineItem",
        product_upgrade.WireUpgradesLineItem,
        "sourceProduct targetProduct upgradedDate status errorDetails" + ATTRIBUTED,
    ),
    ("UpgradeProduct", product_upgrade.WireUpgradeProduct, "id name" + ATTRIBUTED),
    ("ErrorDetails", product_upgrade.WireErrorDetails, "code message description" + ATTRIBUTED),
    (
        "Offer",
        offer.WireOffer,
        "id name description minimumQuantity maximumQuantity rank uri locale country category"
        " limitUnitOfMeasure limit prerequisiteOffers isAddOn hasAddOns isAvailableForPurchase"
        " isAutoRenewable isTrial billing supportedBillingCycles upgradeTargetOffers"
        " conversionTargetOffers reselleeQualifications resellerQualifications salesGroupId"
        " attestationProperties product unitType links isInternal partnerQualifications"
        " acquisitionType actions additionalProperties isMicrosoftProduct supportedCatalogTypes"
        + ATTRIBUTED,
    ),
    ("OfferProduct", offer.WireOfferProduct, "id name unit type"),
    (
        "AttestationProperties",
        offer.WireAttestationProperties,
        "attestationType enforceAttestation",
    ),
    ("OfferCategory", offer.WireOfferCategory, "id name rank locale country links" + ATTRIBUTED),
    (
        "CustomerSubscription",
        subscription.WireSubscription,
        "id orderId offerId offerName friendlyName entitlementId parentSubscriptionId quantity"
        " unitType creationDate effectiveStartDate commitmentEndDate commitmentEndDateTime"
        " cancellationAllowedUntilDate billingCycleEndDate billingCycleEndDateTime status"
        " billingType contractType billingCycle autoRenewEnabled isTrial hasPurchasableAddons"
        " isMicrosoftProduct attentionNeeded actionTaken termDuration renewalTermDuration"
        " productType publisherName partnerId promotionId productOrderId"
        " migratedFromSubscriptionId actions suspensionReasons refundOptions refundableQuantity"
        " scheduledNextTermInstructions scheduledActions customTermEndDate"
        " nextChargeInstructions consumptionType lineItems links" + ATTRIBUTED,
    ),
    ("ProductType", subscription_terms.WireProductType, "id displayName subType"),
    ("RefundOption", subscription_terms.WireRefundOption, "type expiresAfter expiresAt"),
    ("RefundableQuantity", subscription_terms.WireRefundableQuantity, "totalQuantity details"),
    (
        "RefundableQuantityDetail",
        subscription_terms.WireRefundableQuantityDetail,
        "quantity allowedUntilDateTime",
    ),
    (
        "TermInstructions",
        subscription_terms.WireTermInstructions,
        "product quantity customTermEndDate",
    ),
    (
        "TermProduct",
        subscription_terms.WireTermProduct,
        "productId skuId availabilityId billingCycle termDuration promotionId",
    ),
    (
        "ScheduledAction",
        scheduled_change.WireScheduledAction,
        "scheduleType scheduledType actionType effectiveDate instructions",
    ),
    (
        "SubscriptionProvisioningStatus",
        provisioning.WireSubscriptionProvisioningStatus,
        "skuId status quantity endDate" + ATTRIBUTED,
    ),
    (
        "Customer",
        customer.WireCustomer,
        "id commerceId companyProfile billingProfile relationshipToPartner allowDelegatedAccess"
        " customDomains associatedPartnerId userCredentials links" + ATTRIBUTED,
    ),
    (
        "CompanyProfile",
        customer.WireCompanyProfile,
        "tenantId domain companyName address email organizationRegistrationNumber links"
        + ATTRIBUTED,
    ),
    (
        "BillingProfile",
        customer.WireBillingProfile,
        "id firstName lastName email culture language companyName defaultAddress links"
        + ATTRIBUTED,
    ),
    (
        "Address",
        customer.WireAddress,
        "id country region city state district addressLine1 addressLine2 addressLine3 postalCode"
        " firstName middleName lastName emailAddress phoneNumber",
    ),
    (
        "AuditRecord",
        audit_record.WireAuditRecord,
        "id partnerId participants customerId customerName userPrincipalName applicationId"
        " resourceType operationType operationStatus resourceOldValue resourceNewValue"
        " originalCorrelationId sessionId operationDate customizedData" + ATTRIBUTED,
    ),
    (
        "Product",
        product.WireProduct,
        "id title description productType isMicrosoftProduct publisherName links" + ATTRIBUTED,
    ),
    (
        "Sku",
        product.WireSku,
        "id productId title description minimumQuantity maximumQuantity isTrial"
        " supportedBillingCycles purchasePrerequisites inventoryVariables provisioningVariables"
        " actions dynamicAttributes consumptionType attestationProperties links" + ATTRIBUTED,
    ),
    ("ProductLinks", resource.WireLinks, "skus self next previous"),
    ("SkuLinks", resource.WireLinks, "availabilities self next previous"),
    (
        "Availability",
        availability.WireAvailability,
        "id productId skuId catalogItemId defaultCurrency segment country isPurchasable"
        " isRenewable renewalInstructions terms product sku links" + ATTRIBUTED,
    ),
    ("Currency", availability.WireCurrency, "code symbol"),
    (
        "RenewalInstruction",
        availability.WireRenewalInstruction,
        "applicableTermIds renewalOptions",
    ),
    ("RenewalOption", availability.WireRenewalOption, "renewToId isAutoRenewable"),
    (
        "AvailabilityTerm",
        availability.WireAvailabilityTerm,
        "id duration description billingCycle cancellationPolicies",
    ),
    ("CancellationPolicy", availability.WireCancellationPolicy, "refundOptions"),
    ("TermRefundOption", availability.WireTermRefundOption, "sequenceId type expiresAfter"),
    (
        "CustomTermEndDate",
        custom_term_end_date.WireCustomTermEndDate,
        "allowedCustomTermEndDateType allowedCustomTermEndDate cotermSubscriptionIds",
    ),
    (
        "PromotionEligibility",
        promotion.WirePromotionEligibility,
        "promotionId isEligible errors",
    ),
    (
        "PromotionError",
        promotion.WirePromotionError,
        "type description minimumRequiredSeats maximumRequiredSeats availableSeats",
    ),
    (
        "WebhookRegistration",
        webhook.WireWebhookRegistration,
        "subscriberId webhookUrl webhookEvents signatureTokenToMsSignatureHeader properties"
        " lastModifiedTimestamp",
    ),
    (
        "WebhookValidationEvent",
        webhook.WireWebhookValidationEvent,
        "correlationId partnerId status callbackUrl results",
    ),
    (
        "WebhookValidationResult",
        webhook.WireWebhookValidationResult,
        "responseCode responseMessage systemError dateTimeUtc",
    ),
    ("AuditDetail", audit_record.WireAuditDetail, "key value"),
    (
        "TransitionEligibility",
        transition.WireTransitionEligibility,
        "catalogItemId title description quantity eligibilities subscriptionEligibilities"
        " operationId" + ATTRIBUTED,
    ),
    (
        "TransitionEligibilityDetail",
        transition.WireTransitionEligibilityDetail,
        "isEligible transitionType errors",
    ),
    (
        "TargetSubscriptionEligibilityDetail",
        transition.WireTargetSubscriptionEligibilityDetail,
        "isEligible subscriptionId subscriptionFriendlyName subscriptionTermDuration"
        " subscriptionBillingCycle errors",
    ),
    ("TransitionError", transition.WireCodedError, "code description"),
    ("TargetSubscriptionError", transition.WireCodedError, "code description"),
    (
        "Transition",
        transition.WireTransition,
        "operationId fromCatalogItemId fromSubscriptionId toCatalogItemId toSubscriptionId"
        " quantity termDuration billingCycle transitionType promotionId events" + ATTRIBUTED,
    ),
    (
        "TransitionEvent",
        transition.WireTransitionEvent,
        "name status timestamp errors" + ATTRIBUTED,
    ),
]

# A second name of a member (Q15, Q33), and a member that is only sent when a customer is created.
NOT_IN_THE_GRAPH: Final = {
    ("ErrorDetails", "description"),
    ("RefundOption", "expiresAfter"),
    ("ScheduledAction", "scheduledType"),
    ("WebhookRegistration", "properties"),
    ("Customer", "userCredentials"),
}
NOT_READ: Final = {("Customer", "userCredentials")}


@pytest.mark.parametrize(("type_name", "model", "members"), MEMBERS, ids=[m[0] for m in MEMBERS])
def test_the_graph_has_every_member_of(type_name: str, model: type, members: str) -> None:
    kind = cached_graph()._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    missing = set(members.split()) - kind.fields.keys()
    assert missing == {member for of, member in NOT_IN_THE_GRAPH if of == type_name}


@pytest.mark.parametrize(("type_name", "model", "members"), MEMBERS, ids=[m[0] for m in MEMBERS])
def test_the_wire_model_reads_every_member_of(
    type_name: str, model: type[Any], members: str
) -> None:
    read = {field.encode_name for field in msgspec.structs.fields(model)}
    missing = set(members.split()) - read
    assert missing == {member for of, member in NOT_READ if of == type_name}


@pytest.mark.parametrize(("type_name", "model", "members"), MEMBERS, ids=[m[0] for m in MEMBERS])
def test_every_field_has_a_description(type_name: str, model: type, members: str) -> None:
    kind = cached_graph()._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    assert kind.description
    assert not [name for name, field in kind.fields.items() if not field.description]


def test_a_product_upgrade_is_requested_with_every_member() -> None:
    kind = cached_graph()._schema.type_map["ProductUpgradeRequest"]
    assert isinstance(kind, GraphQLInputObjectType)
    assert set(kind.fields) == {"customerId", "productFamily", "attributes"}


def test_every_wire_model_is_in_the_table() -> None:
    listed = {model for _, model, _ in MEMBERS}
    modules = (
        *(
            audit_record,
            availability,
            custom_term_end_date,
            customer,
            offer,
            product,
            product_upgrade,
            promotion,
            provisioning,
            resource,
            scheduled_change,
        ),
        *(
            service_fault,
            subscription,
            subscription_terms,
            transition,
            upgrade,
            upgrade_result,
            webhook,
        ),
    )
    defined = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, WireModel)
    }
    assert defined - listed == {
        WireModel,
        resource.WireCollection,
        promotion.WirePromotionEligibilities,  # the items of a batch, whose members are known
    }
