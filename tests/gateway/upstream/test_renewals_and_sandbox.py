"""Changes at renewal, the audit feed and the catalog against the sandbox, over real HTTP."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from gateway.clock import SystemClock
from gateway.sandbox.app import Sandbox
from gateway.sandbox.options import (
    MIN_CUSTOMERS,
    AuditOptions,
    RenewalOptions,
    SandboxOptions,
    ScheduledActionsForm,
    ThrottleOptions,
)
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.commands import CommandResult, PartnerCommands, PreparedCommand
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import UpstreamBadInput, UpstreamNotFound
from gateway.upstream.scheduled_changes import NextTerm, NextTermProduct, ScheduleCommand
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.transport.factory import create_transport
from gateway.upstream.write_outcome import NeverSent
from schema.audit_record import AuditOperationStatus
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    CustomTermEndDatesKey,
    Market,
    PromotionsKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
    parse_catalog_item,
)
from schema.scheduled_change import ScheduledActionType, ScheduledChangeShape
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

DAY_S = 24 * 3600.0


@dataclass
class Partner:
    """A client of a sandbox."""

    sandbox: Sandbox
    client: UpstreamClient
    scope: RequestScope
    directory: PartnerDirectory

    @property
    def customer_id(self) -> str:
        return self.sandbox.world.examples.renewal_customer_id

    def key(self, name: str) -> SubscriptionKey:
        subscription_id = getattr(self.sandbox.world.examples, f"{name}_subscription_id")
        return SubscriptionKey(self.customer_id, subscription_id)

    async def build_next_term(self, key: SubscriptionKey) -> NextTerm:
        """Build a change of 5 licenses to the first target that can be scheduled."""
        eligibilities = await self.directory.transition_eligibilities(
            TransitionEligibilitiesKey(key, scheduled=True)
        )
        possible = [e for e in eligibilities if e.eligibilities[0].is_eligible]
        item = parse_catalog_item(possible[0].catalog_item_id, Market())
        assert item is not None
        return NextTerm(
            product=NextTermProduct(
                product_id=item.sku.product_id,
                sku_id=item.sku.sku_id,
                availability_id=item.availability_id,
                billing_cycle="monthly",
                term_duration="P1Y",
            ),
            quantity=5,
        )

    async def send(self, command: ScheduleCommand) -> Any:
        """Send it as a logical write of its own, which has a request id of its own."""
        commands = PartnerCommands(self.client, self.scope, str(uuid4()))
        prepared = await commands.prepare_schedule(command)
        return await prepared.send() if isinstance(prepared, PreparedCommand) else prepared


@contextlib.asynccontextmanager
async def partner_of(renewals: RenewalOptions | None = None) -> AsyncIterator[Partner]:
    options = SandboxOptions(
        customers=MIN_CUSTOMERS,
        throttle=ThrottleOptions(enabled=False),
        audit=AuditOptions(delay_s=0),
        renewals=renewals or RenewalOptions(),
    )
    sandbox, clock = frozen_clock_sandbox(options), SystemClock()
    transport = create_transport("auto", connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(sandbox) as url:
        tokens = SandboxTokens(transport, url, clock)
        limits = ClientLimits(attempt_timeout_s=HANG_TIMEOUT_S)
        client = UpstreamClient(transport, tokens, url, clock=clock, limits=limits)
        deadline = clock.monotonic() + HANG_TIMEOUT_S
        scope = RequestScope("sandbox", str(uuid4()), deadline, CallBudget(1000))
        caches = CatalogCaches(100, 60.0, 60.0, clock.monotonic)
        yield Partner(sandbox, client, scope, PartnerDirectory(client, scope, caches))
        await client.aclose()


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    async with partner_of() as opened:
        yield opened


@pytest.mark.parametrize("shows_etags", [False, True])
@pytest.mark.parametrize("merges_updates", [False, True])
async def test_a_change_is_scheduled_changed_and_removed(
    shows_etags: bool, merges_updates: bool
) -> None:
    renewals = RenewalOptions(shows_etags=shows_etags, merges_updates=merges_updates)
    async with partner_of(renewals) as partner:
        key = partner.key("renewable")
        before = await partner.directory.subscription(key)
        assert before.scheduled_change is None
        next_term = await partner.build_next_term(key)
        for quantity in (5, 6):
            wanted = NextTerm(product=next_term.product, quantity=quantity)
            outcome = await partner.send(ScheduleCommand(key, wanted))
            assert isinstance(outcome, CommandResult)
            read = await partner.directory.subscription(key)
            for change in (outcome.value.scheduled_change, read.scheduled_change):
                assert change is not None
                assert change.quantity == quantity
                assert change.product is not None
                assert change.product.sku_id == next_term.product.sku_id
        assert isinstance(await partner.send(ScheduleCommand(key, None)), CommandResult)
        after = await partner.directory.subscription(key)
        assert after.scheduled_change is None
        assert (after.auto_renew_enabled, after.quantity) == (True, before.quantity)


async def test_the_list_has_the_scheduled_changes_of_all_subscriptions(partner: Partner) -> None:
    listed = await partner.directory.subscriptions(partner.customer_id)
    scheduled = {s.id for s in listed if s.scheduled_change is not None}
    assert {partner.key("scheduled").subscription_id, partner.key("trial").subscription_id} <= (
        scheduled
    )
    assert partner.key("renewable").subscription_id not in scheduled


@pytest.mark.parametrize("form", [ScheduledActionsForm.ARRAY, ScheduledActionsForm.OBJECT])
@pytest.mark.parametrize("name", ["scheduleType", "scheduledType"])
async def test_scheduled_actions_are_replaced_only_on_request_q33_q34(
    form: ScheduledActionsForm, name: Any
) -> None:
    renewals = RenewalOptions(scheduled_actions=form, schedule_type_name=name)
    async with partner_of(renewals) as partner:
        key = partner.key("cancel_action")
        subscription = await partner.directory.subscription(key)
        assert subscription.scheduled_change is not None
        assert subscription.scheduled_change.action_type is ScheduledActionType.CANCEL
        next_term = await partner.build_next_term(key)
        refused = await partner.send(ScheduleCommand(key, next_term))
        assert isinstance(refused, NeverSent)
        assert isinstance(refused.error, UpstreamBadInput)

        outcome = await partner.send(ScheduleCommand(key, next_term, replaces_actions=True))

        assert isinstance(outcome, CommandResult)
        change = (await partner.directory.subscription(key)).scheduled_change
        assert change is not None
        assert change.shape is ScheduledChangeShape.SCHEDULED_ACTIONS
        assert change.action_type is ScheduledActionType.RENEW_TO_NEW_TERM
        assert change.quantity == 5


async def test_a_scheduled_change_is_in_the_audit_feed_with_its_correlation_id(
    partner: Partner,
) -> None:
    key = partner.key("renewable")
    await partner.send(ScheduleCommand(key, await partner.build_next_term(key)))
    day = datetime.fromtimestamp(partner.sandbox.clock(), UTC).date()
    records = await partner.directory.audit_records(AuditDayKey(partner.customer_id, day))
    (ours,) = [
        record
        for record in records
        if record.original_correlation_id == partner.scope.correlation_id
    ]
    assert ours.operation_type == "update_subscription"
    assert ours.operation_status is AuditOperationStatus.SUCCEEDED
    assert isinstance(ours.resource_new_value, dict)
    assert ours.resource_new_value["Id"].lower() == key.subscription_id.lower()


async def test_subscriptions_are_named_by_the_catalog(partner: Partner) -> None:
    subscription = await partner.directory.subscription(partner.key("renewable"))
    assert subscription.catalog_item is not None
    sku_key = subscription.catalog_item.sku
    product = await partner.directory.product(sku_key.product)
    sku = await partner.directory.sku(sku_key)
    listed = await partner.directory.availabilities(AvailabilitiesKey(sku_key))
    current = await partner.directory.availability(subscription.catalog_item)
    assert product.title
    assert sku.title == subscription.offer_name
    assert [each.id for each in listed] == [current.id]
    assert current.terms


async def test_an_availability_that_was_reissued_is_found_in_the_list(partner: Partner) -> None:
    subscription = await partner.directory.subscription(partner.key("renewable"))
    assert subscription.catalog_item is not None
    partner.sandbox.clock.advance(8 * DAY_S)
    current = await partner.directory.availability(subscription.catalog_item)
    assert current.id != subscription.catalog_item.availability_id
    assert current.is_purchasable


async def test_custom_ends_of_terms_and_promotions_are_read(partner: Partner) -> None:
    dates = await partner.directory.custom_term_end_dates(
        CustomTermEndDatesKey(partner.customer_id, "P1Y")
    )
    assert len(dates) >= 11
    assert all(each.allowed_custom_term_end_date is not None for each in dates)
    listed = await partner.directory.subscriptions(partner.customer_id)
    items = sorted({str(s.offer_id) for s in listed if s.catalog_item})
    keys = [PromotionsKey(partner.customer_id, i, 5, "P1Y", "monthly") for i in items]
    found = await partner.directory.promotions(keys)
    assert len(found) == len(keys) > 1
    assert any(found)


async def test_the_registration_for_events_has_a_base_of_its_own_q41(partner: Partner) -> None:
    names = await partner.directory.webhook_event_names()
    assert {"subscription-updated", "test-created"} <= set(names)
    with pytest.raises(UpstreamNotFound):
        await partner.directory.webhook_registration()
    paths = [call.path for call in partner.sandbox.calls]
    assert paths[-2:] == ["/webhooks/v1/registration/events", "/webhooks/v1/registration"]
