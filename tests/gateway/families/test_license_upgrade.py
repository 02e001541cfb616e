import pytest
from strawberry import ID

from gateway.families.license_upgrade import judge_subscriptions
from gateway.operations.model.steps import Baseline, Verdict
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.subscription_terms import CommerceFamily, SubscriptionStatus
from tests.support.fake_partner import ORDER


def held(
    subscription_id: str,
    offer_id: str,
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
) -> CustomerSubscription:
    return CustomerSubscription(
        id=ID(subscription_id),
        offer_id=ID(offer_id),
        status=status,
        commerce=CommerceFamily.LEGACY_LICENSE,
        key=SubscriptionKey("customer-1", subscription_id),
    )


RUNNING = held("SUBSCRIPTION-1", "offer-0")
RETIRED = held("subscription-1", "offer-0", SubscriptionStatus.SUSPENDED)
OLD = held("Old-target", "OFFER-1")
NEW, SECOND = held("new-target", "Offer-1"), held("second-target", "offer-1")


@pytest.mark.parametrize(
    ("subscriptions", "verdict", "target"),
    [
        pytest.param([RETIRED, OLD, NEW], Verdict.DONE, "new-target", id="moved"),
        pytest.param([OLD, NEW], Verdict.DONE, "new-target", id="moved, and the source is gone"),
        pytest.param([RETIRED, NEW, NEW], Verdict.DONE, "new-target", id="listed twice"),
        pytest.param([RUNNING, OLD], Verdict.NOT_DONE, None, id="as it was"),
        pytest.param([RUNNING, OLD, NEW], Verdict.UNCLEAR, None, id="both in service"),
        pytest.param([RETIRED, OLD], Verdict.UNCLEAR, None, id="retired for nothing"),
        pytest.param([RETIRED, NEW, SECOND], Verdict.UNCLEAR, None, id="two are new"),
    ],
)
def test_the_verdict_follows_from_the_customers_subscriptions(
    subscriptions: list[CustomerSubscription], verdict: Verdict, target: str | None
) -> None:
    assert judge_subscriptions(ORDER, Baseline(known_ids=("old-target",)), subscriptions) == (
        verdict,
        target,
    )
