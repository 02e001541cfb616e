"""The members of CONTRACT 5, resource by resource, in the wire models and in the graph."""

from typing import Any, Final

import msgspec
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from gateway.upstream.nouns import offer, upgrade, upgrade_result
from gateway.upstream.nouns import subscription as subscription_noun
from gateway.upstream.wire import (
    customer,
    product_upgrade,
    resource,
    service_fault,
    subscription,
    transition,
)
from tests.support.upstream import the_graph

ATTRIBUTED: Final = " attributes"

# Graph type, wire model, members as the contract lists them.
MEMBERS: Final[list[tuple[str, type, str]]] = [
    ("ResourceAttributes", resource.Attributes, "etag objectType"),
    ("Link", resource.Link, "uri method headers body"),
    ("LinkHeader", resource.LinkHeader, "key value"),
    ("ResourceLinks", resource.Links, "self next previous attributes"),
    ("OfferLinks", resource.Links, "learnMore self next previous"),
    (
        "CustomerSubscriptionLinks",
        resource.Links,
        "offer parentSubscription product sku availability activationLinks entitlement"
        " self next previous",
    ),
    (
        "Upgrade",
        upgrade.Upgrade,
        "targetOffer upgradeType isEligible quantity upgradeErrors" + ATTRIBUTED,
    ),
    (
        "UpgradeError",
        upgrade.UpgradeError,
        "code description additionalDetails" + ATTRIBUTED,
    ),
    (
        "UpgradeResult",
        upgrade_result.UpgradeResult,
        "sourceSubscriptionId targetSubscriptionId upgradeType upgradeErrors licenseErrors"
        + ATTRIBUTED,
    ),
    (
        "UserLicenseError",
        upgrade_result.UserLicenseError,
        "userObjectId name email errors" + ATTRIBUTED,
    ),
    ("ServiceFault", service_fault.ServiceFault, "code description data source" + ATTRIBUTED),
    (
        "ProductUpgradesEligibility",
        product_upgrade.ProductUpgradesEligibility,
        "customerId productFamily isEligible upgradeId reason" + ATTRIBUTED,
    ),
    (
        "ProductUpgradesStatus",
        product_upgrade.ProductUpgradesStatus,
        "id productFamily status lineItems errorDetails" + ATTRIBUTED,
    ),
    (
        "UpgradesLineItem",
        product_upgrade.UpgradesLineItem,
        "sourceProduct targetProduct upgradedDate status errorDetails" + ATTRIBUTED,
    ),
    ("UpgradeProduct", product_upgrade.UpgradeProduct, "id name" + ATTRIBUTED),
    ("ErrorDetails", product_upgrade.ErrorDetails, "code message description" + ATTRIBUTED),
    (
        "Offer",
        offer.Offer,
        "id name description minimumQuantity maximumQuantity rank uri locale country category"
        " limitUnitOfMeasure limit prerequisiteOffers isAddOn hasAddOns isAvailableForPurchase"
        " isAutoRenewable isTrial billing supportedBillingCycles upgradeTargetOffers"
        " conversionTargetOffers reselleeQualifications resellerQualifications salesGroupId"
        " attestationProperties product unitType links isInternal partnerQualifications"
        " acquisitionType actions additionalProperties isMicrosoftProduct supportedCatalogTypes"
        + ATTRIBUTED,
    ),
    ("OfferProduct", offer.OfferProduct, "id name unit type"),
    (
        "AttestationProperties",
        offer.AttestationProperties,
        "attestationType enforceAttestation",
    ),
    ("OfferCategory", offer.OfferCategory, "id name rank locale country links" + ATTRIBUTED),
    (
        "CustomerSubscription",
        subscription_noun.Subscription,
        "id orderId offerId offerName friendlyName entitlementId parentSubscriptionId quantity"
        " unitType creationDate effectiveStartDate commitmentEndDate commitmentEndDateTime"
        " cancellationAllowedUntilDate billingCycleEndDate billingCycleEndDateTime status"
        " billingType contractType billingCycle autoRenewEnabled isTrial hasPurchasableAddons"
        " isMicrosoftProduct attentionNeeded actionTaken termDuration renewalTermDuration"
        " productType publisherName partnerId promotionId productOrderId"
        " migratedFromSubscriptionId actions suspensionReasons refundOptions refundableQuantity"
        " scheduledNextTermInstructions nextChargeInstructions consumptionType lineItems links"
        + ATTRIBUTED,
    ),
    ("ProductType", subscription.ProductType, "id displayName subType"),
    ("RefundOption", subscription.RefundOption, "type expiresAfter expiresAt"),
    ("RefundableQuantity", subscription.RefundableQuantity, "totalQuantity details"),
    (
        "RefundableQuantityDetail",
        subscription.RefundableQuantityDetail,
        "quantity allowedUntilDateTime",
    ),
    ("TermInstructions", subscription.TermInstructions, "product quantity customTermEndDate"),
    (
        "TermProduct",
        subscription.TermProduct,
        "productId skuId availabilityId billingCycle termDuration promotionId",
    ),
    (
        "SubscriptionProvisioningStatus",
        subscription.SubscriptionProvisioningStatus,
        "skuId status quantity endDate" + ATTRIBUTED,
    ),
    (
        "Customer",
        customer.Customer,
        "id commerceId companyProfile billingProfile relationshipToPartner allowDelegatedAccess"
        " customDomains associatedPartnerId userCredentials links" + ATTRIBUTED,
    ),
    (
        "CompanyProfile",
        customer.CompanyProfile,
        "tenantId domain companyName address email organizationRegistrationNumber links"
        + ATTRIBUTED,
    ),
    (
        "BillingProfile",
        customer.BillingProfile,
        "id firstName lastName email culture language companyName defaultAddress links"
        + ATTRIBUTED,
    ),
    (
        "Address",
        customer.Address,
        "id country region city state district addressLine1 addressLine2 addressLine3 postalCode"
        " firstName middleName lastName emailAddress phoneNumber",
    ),
    (
        "TransitionEligibility",
        transition.TransitionEligibility,
        "catalogItemId title description quantity eligibilities subscriptionEligibilities"
        " operationId" + ATTRIBUTED,
    ),
    (
        "TransitionEligibilityDetail",
        transition.TransitionEligibilityDetail,
        "isEligible transitionType errors",
    ),
    (
        "TargetSubscriptionEligibilityDetail",
        transition.TargetSubscriptionEligibilityDetail,
        "isEligible subscriptionId subscriptionFriendlyName subscriptionTermDuration"
        " subscriptionBillingCycle errors",
    ),
    ("TransitionError", transition.CodedError, "code description"),
    ("TargetSubscriptionError", transition.CodedError, "code description"),
    (
        "Transition",
        transition.Transition,
        "operationId fromCatalogItemId fromSubscriptionId toCatalogItemId toSubscriptionId"
        " quantity termDuration billingCycle transitionType promotionId events" + ATTRIBUTED,
    ),
    (
        "TransitionEvent",
        transition.TransitionEvent,
        "name status timestamp errors" + ATTRIBUTED,
    ),
]

# Two names of one member (Q15), and what goes to the vendor only, when a customer is created.
NOT_IN_THE_GRAPH: Final = {
    ("ErrorDetails", "description"),
    ("RefundOption", "expiresAfter"),
    ("Customer", "userCredentials"),
}
NOT_READ: Final = {("Customer", "userCredentials")}


@pytest.mark.parametrize(("type_name", "model", "members"), MEMBERS, ids=[m[0] for m in MEMBERS])
def test_the_graph_has_every_member_of(type_name: str, model: type, members: str) -> None:
    kind = the_graph()._schema.type_map[type_name]
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
def test_every_field_says_what_it_means(type_name: str, model: type, members: str) -> None:
    kind = the_graph()._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    assert kind.description
    assert not [name for name, field in kind.fields.items() if not field.description]


def test_a_product_upgrade_is_requested_with_every_member() -> None:
    kind = the_graph()._schema.type_map["ProductUpgradeRequest"]
    assert isinstance(kind, GraphQLInputObjectType)
    assert set(kind.fields) == {"customerId", "productFamily", "attributes"}


def test_every_wire_model_is_in_the_table() -> None:
    listed = {model for _, model, _ in MEMBERS}
    modules = (
        *(customer, product_upgrade, resource, service_fault, subscription, transition),
        *(offer, subscription_noun, upgrade, upgrade_result),
    )
    defined = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, resource.WireModel)
    }
    assert defined - listed == {resource.WireModel, resource.Collection}
