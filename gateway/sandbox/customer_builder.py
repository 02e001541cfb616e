"""Generates the subscriptions of a customer."""

from random import Random
from typing import Final

from gateway.sandbox.catalog import AZURE_KEY, Catalog
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.identity import guid, seeded_random
from gateway.sandbox.options import CommerceShares
from gateway.sandbox.records import (
    CommerceFamily,
    Customer,
    ProductUpgrade,
    ProductUpgradeState,
    Profile,
    Subscription,
    Trait,
    Transition,
)
from gateway.sandbox.renewals import TERM_DAYS
from gateway.sandbox.timestamps import DAY_S, NEVER_S

_STATUSES: Final = (
    *(SubscriptionStatus.ACTIVE,) * 17,
    *(SubscriptionStatus.SUSPENDED,) * 2,
    SubscriptionStatus.DELETED,
)
_NAME_SUFFIXES: Final = ("", "", "", " - Sales", " - Head office", " - Warehouse", " - Field staff")
_TERMS: Final = ("P1Y", "P1Y", "P1M", "P3Y")
_ADD_ON_SHARE: Final = 0.12
_MAX_AZURE: Final = 3


class CustomerBuilder:
    """Adds subscriptions to a customer. The result depends only on the seed and the calls made.

    Times are relative to `now_s`, the time at which the sandbox was created.
    """

    def __init__(self, catalog: Catalog, seed: int, profile: Profile, now_s: float) -> None:
        self.customer = Customer(profile)
        self.rng: Random = seeded_random("account", seed, profile.index)
        self._catalog = catalog
        self._seed = seed
        self.now_s = now_s

    def add_legacy_license(
        self,
        key: str,
        *,
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        cycle: BillingCycle | None = None,
        trait: Trait = Trait.NONE,
        is_provisioned: bool = True,
    ) -> Subscription:
        offer = self._catalog.offers[key]
        subscription = self._add(CommerceFamily.LEGACY_LICENSE, key, offer.names["en-US"])
        subscription.quantity = self.rng.randint(1, min(offer.maximum, 60))
        subscription.cycle = cycle or self.rng.choice(offer.cycles or (BillingCycle.NONE,))
        subscription.status = status
        subscription.trait = trait
        if not is_provisioned:
            subscription.provisioned_s = NEVER_S
        return subscription

    def add_add_on(self, parent: Subscription, key: str) -> Subscription:
        subscription = self._add(
            CommerceFamily.LEGACY_LICENSE, key, self._catalog.offers[key].names["en-US"]
        )
        subscription.quantity = parent.quantity
        subscription.parent_id = parent.id
        subscription.cycle = parent.cycle
        subscription.ends_s = parent.ends_s
        return subscription

    def add_legacy_azure(
        self,
        *,
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        age_days: float | None = None,
    ) -> Subscription:
        subscription = self._add(CommerceFamily.LEGACY_AZURE, AZURE_KEY, "Microsoft Azure")
        subscription.quantity = 1
        subscription.cycle = BillingCycle.MONTHLY
        subscription.ends_s = NEVER_S
        subscription.auto_renew = False
        subscription.status = status
        subscription.entitlement_id = guid("entitlement", subscription.id)
        if age_days is not None:
            subscription.created_s = self.now_s - age_days * DAY_S
        return subscription

    def add_new_commerce(
        self,
        key: str,
        *,
        term: str = "P1Y",
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        trait: Trait = Trait.NONE,
        is_provisioned: bool = True,
    ) -> Subscription:
        subscription = self._add(
            CommerceFamily.NEW_COMMERCE, key, self._catalog.products[key].title
        )
        subscription.order_id = guid("order", subscription.id).replace("-", "")[:12]
        subscription.quantity = self.rng.randint(2, 80)
        subscription.term = term
        subscription.cycle = self.rng.choice((BillingCycle.MONTHLY, BillingCycle.ANNUAL))
        if term == "P1M":
            subscription.cycle = BillingCycle.MONTHLY
        subscription.created_s = self.now_s - self.rng.random() * 0.8 * TERM_DAYS[term] * DAY_S
        subscription.ends_s = subscription.created_s + TERM_DAYS[term] * DAY_S
        subscription.status = status
        subscription.trait = trait
        subscription.is_trial = self._catalog.products[key].is_trial
        if not is_provisioned:
            subscription.provisioned_s = NEVER_S
        return subscription

    def add_product_upgrade(self, state: ProductUpgradeState) -> ProductUpgrade:
        """Add a product upgrade of the customer's Azure subscriptions that stays in `state`."""
        owner = self.customer.profile.id
        upgrade = ProductUpgrade(
            id=guid("product-upgrade", owner),
            created_s=self.now_s - 3 * DAY_S,
            plan_id=guid("azure-plan", owner),
            source_ids=tuple(each.id for each in self.customer.list_legacy_azure()),
            fails=state is ProductUpgradeState.FAILED,
            fixed_state=state,
        )
        self.customer.product_upgrades.append(upgrade)
        return upgrade

    def add_transition(
        self, source: Subscription, to_item: str, *, age_s: float, never_ends: bool = False
    ) -> Transition:
        """Add a transition of all licenses that started `age_s` before the sandbox was created."""
        transition = Transition(
            id=guid("transition", source.id, to_item),
            created_s=self.now_s - age_s,
            from_item=source.item,
            to_item=to_item,
            from_id=source.id,
            to_id=None,
            quantity=source.quantity,
            term=source.term,
            cycle=source.cycle,
            moves_licenses=True,
            conversion_fails=Trait.CONVERSION_FAILS in source.trait,
            reassignment_fails=Trait.REASSIGNMENT_FAILS in source.trait,
            never_ends=never_ends,
        )
        self.customer.transitions.setdefault(source.id, []).append(transition)
        return transition

    def _add(self, commerce_family: CommerceFamily, item: str, name: str) -> Subscription:
        owner, ordinal = self.customer.profile, len(self.customer.subscriptions)
        created_s = self.now_s - (30 + self.rng.random() * 1500) * DAY_S
        subscription = Subscription(
            id=guid("subscription", self._seed, owner.index, ordinal),
            order_id=guid("order", self._seed, owner.index, ordinal),
            commerce_family=commerce_family,
            item=item,
            friendly_name=name + self.rng.choice(_NAME_SUFFIXES),
            quantity=1,
            created_s=created_s,
            ends_s=self.now_s + (10 + self.rng.random() * 355) * DAY_S,
            provisioned_s=created_s,
        )
        self.customer.subscriptions[subscription.id] = subscription
        return subscription


def populate(builder: CustomerBuilder, catalog: Catalog, size: int, shares: CommerceShares) -> None:
    """Add random subscriptions until the customer has `size` of them."""
    while len(builder.customer.subscriptions) < size:
        _add_one(builder, catalog, size, shares)


def _add_one(builder: CustomerBuilder, catalog: Catalog, size: int, shares: CommerceShares) -> None:
    rng = builder.rng
    weights = (shares.legacy_license, shares.new_commerce, shares.legacy_azure)
    commerce_family = rng.choices(
        (CommerceFamily.LEGACY_LICENSE, CommerceFamily.NEW_COMMERCE, CommerceFamily.LEGACY_AZURE),
        weights,
    )[0]
    if (
        commerce_family is CommerceFamily.LEGACY_AZURE
        and len(builder.customer.list_legacy_azure()) < _MAX_AZURE
    ):
        builder.add_legacy_azure()
        return
    if commerce_family is CommerceFamily.NEW_COMMERCE:
        builder.add_new_commerce(rng.choice(catalog.product_keys), term=rng.choice(_TERMS))
        return
    parent = builder.add_legacy_license(
        rng.choice(catalog.sellable_keys), status=rng.choice(_STATUSES)
    )
    has_room = len(builder.customer.subscriptions) < size
    if parent.is_active and has_room and rng.random() < _ADD_ON_SHARE:
        add_ons = catalog.list_add_ons(catalog.offers[parent.item])
        if add_ons:
            builder.add_add_on(parent, rng.choice(add_ons).key)
