"""Members of CONTRACT 5 that no sample has, read through the graph."""

import json
from typing import Any, Final

import pytest
import strawberry

from gateway.upstream.decoding import Decoder
from gateway.upstream.models.upgrade_result import WireUpgradeResult, to_upgrade_result
from resolvers.graph import Graph
from schema.scalars import CONFIG
from schema.upgrade import UpgradeResult
from tests.support.sample_comparison import SampleComparison
from tests.support.upstream import ScriptedResponse, cached_graph, graph_over

CUSTOMER: Final = "eebd1b55-5360-4438-a11d-5c06918c3014"
SUBSCRIPTION: Final = "a356ac8c-e310-44f4-bf85-c7f29044af99"


def link(uri: str) -> dict[str, Any]:
    headers = [{"key": "X-Locale", "value": "en-US"}]
    return {"uri": uri, "method": "GET", "headers": headers, "body": "{}"}


INSTRUCTIONS: Final = {
    "product": {
        "productId": "CFQ7TTC0LH18",
        "skuId": "0001",
        "availabilityId": "CFQ7TTC0K971",
        "billingCycle": "annual",
        "termDuration": "P1Y",
        "promotionId": "39NFJQT1PJPF:0002:39NFJQT1Q5KK",
    },
    "quantity": 5,
    "customTermEndDate": "2027-01-31T23:59:59.25Z",
}
CATEGORY: Final = {
    "id": "Enterprise_Key",
    "name": "Enterprise",
    "rank": 20,
    "locale": "en-us",
    "country": "US",
    "links": {"self": link("/offercategories"), "attributes": {"objectType": "Links"}},
}

BODIES: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "CustomerSubscription": (
        "get_subscription",
        f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}") {{ @ }} }}',
        {
            "id": SUBSCRIPTION,
            "entitlementId": "e",
            "billingCycleEndDate": "2026-02-28T00:00:00Z",
            "billingCycleEndDateTime": "2026-02-28T23:59:59Z",
            "productType": {"id": "a", "displayName": "A", "subType": {"id": "b"}},
            "promotionId": "p",
            "productOrderId": "o",
            "migratedFromSubscriptionId": "m",
            "actions": ["edit", "cancel"],
            "suspensionReasons": ["fraud"],
            "refundOptions": [{"type": "Partial", "expiresAt": "2026-01-15T00:00:00Z"}],
            "scheduledNextTermInstructions": INSTRUCTIONS,
            "nextChargeInstructions": {"product": None, "quantity": 1},
            "consumptionType": "overage",
            "lineItems": [{"id": 1, "more": [None, 0.5]}],
            "links": {
                "self": link("/s"),
                "next": link("/n"),
                "previous": link("/p"),
                "offer": link("/offers/o"),
                "parentSubscription": link("/parent"),
                "activationLinks": link("/activationlinks"),
                "entitlement": link("/entitlement"),
                "attributes": {"objectType": "SubscriptionLinks"},
            },
        },
    ),
    "Offer": (
        "get_offer",
        '{ offer(id: "one") { @ } }',
        {
            "id": "one",
            "limitUnitOfMeasure": "LifeTime",
            "limit": 1,
            "hasAddOns": True,
            "isTrial": False,
            "isMicrosoftProduct": True,
            "category": CATEGORY,
            "supportedBillingCycles": ["Monthly", "annual", "OneTime"],
            "upgradeTargetOffers": ["two"],
            "conversionTargetOffers": ["three"],
            "reselleeQualifications": ["StateOwnedEntity"],
            "resellerQualifications": ["none"],
            "salesGroupId": "80f12768",
            "attestationProperties": {"attestationType": "Edu", "enforceAttestation": True},
            "product": {"id": "p", "name": "P", "unit": "Licenses", "type": "Online"},
            "acquisitionType": "Purchase",
            "actions": ["buy"],
            "additionalProperties": {"a": [1]},
            "supportedCatalogTypes": ["legacy"],
            "links": {"next": link("/n"), "previous": link("/p"), "attributes": {"etag": "1"}},
        },
    ),
    "Customer": (
        "get_customer",
        f'{{ customer(id: "{CUSTOMER}") {{ @ }} }}',
        {
            "id": CUSTOMER,
            "associatedPartnerId": "4847383",
            "companyProfile": {
                "organizationRegistrationNumber": "HRB 1",
                "address": {
                    "id": "a",
                    "district": "d",
                    "addressLine2": "2",
                    "addressLine3": "3",
                    "middleName": "m",
                    "emailAddress": "a@a.com",
                },
            },
        },
    ),
    "ProductUpgradesStatus": (
        "product_upgrade_status",
        f'{{ productUpgradeStatus(upgradeId: "{SUBSCRIPTION}",'
        f' request: {{ customerId: "{CUSTOMER}" }}) {{ @ }} }}',
        {
            "id": SUBSCRIPTION,
            "status": "Failed",
            "errorDetails": {"code": "1", "message": "No.", "attributes": {"objectType": "E"}},
            "lineItems": [
                {
                    "status": "InProgress",
                    "targetProduct": {"name": "Plan", "attributes": {"objectType": "P"}},
                    "errorDetails": {"code": "2"},
                    "attributes": {"objectType": "UpgradesLineItem"},
                }
            ],
            "attributes": {"objectType": "ProductUpgradesStatus"},
        },
    ),
    "ProductUpgradesEligibility": (
        "product_upgrade_eligibility",
        f'{{ productUpgradeEligibility(request: {{ customerId: "{CUSTOMER}" }}) {{ @ }} }}',
        {
            "isEligible": False,
            "upgradeId": SUBSCRIPTION,
            "reason": "Another upgrade is running.",
            "attributes": {"objectType": "ProductUpgradesEligibility"},
        },
    ),
}
RESULT: Final = {
    "sourceSubscriptionId": SUBSCRIPTION,
    "upgradeErrors": [{"code": "concurrency_conflicts", "additionalDetails": "2 of 2"}],
    "licenseErrors": [
        {
            "userObjectId": "u",
            "name": "n",
            "email": "e@e.com",
            "errors": [
                {
                    "code": "60012",
                    "description": "Out of licenses.",
                    "data": ["LicenseQuotaExceededException"],
                    "source": "PartnerFD",
                    "attributes": {"objectType": "ServiceFault"},
                }
            ],
            "attributes": {"objectType": "UserLicenseError"},
        }
    ],
}


@pytest.mark.parametrize("type_name", BODIES)
async def test_every_member_of_a_response_is_in_the_graph(type_name: str) -> None:
    operation, document, body = BODIES[type_name]
    members = SampleComparison(cached_graph()._schema)
    selection = members.select(type_name, body)
    async with graph_over({operation: ScriptedResponse(body)}) as graph:
        data = await graph.data(document.replace("@", selection))
    (node,) = data.values()
    members.assert_same(type_name, body, node)


async def test_users_whose_licenses_were_not_moved_are_in_the_graph() -> None:
    sent = Decoder(WireUpgradeResult)(json.dumps(RESULT).encode())
    noun = to_upgrade_result(sent, CUSTOMER)

    @strawberry.type
    class Query:
        @strawberry.field
        def result(self) -> UpgradeResult:
            return noun

    graph = Graph(query=Query, config=CONFIG)
    members = SampleComparison(graph._schema)
    result = await graph.execute(f"{{ result {{ {members.select('UpgradeResult', RESULT)} }} }}")
    assert result.data
    members.assert_same("UpgradeResult", RESULT, result.data["result"])
