"""Fills a customer with subscriptions: `Draft` adds one at a time, `populate` as many as wanted."""

from random import Random
from typing import Final

from gateway.sandbox.catalog import AZURE_KEY, Catalog
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.identity import guid, seeded_random
from gateway.sandbox.options import FamilyShares
from gateway.sandbox.records import (
    Account,
    Family,
    ProductUpgrade,
    ProductUpgradeState,
    Profile,
    Subscription,
    Trait,
    Transition,
)
from gateway.sandbox.timestamps import DAY_S, NEVER_S

_STATUSES: Final = (
    *(SubscriptionStatus.ACTIVE,) * 17,
    *(SubscriptionStatus.SUSPENDED,) * 2,
    SubscriptionStatus.DELETED,
)
_PLACES: Final = ("", "", "", " - Sales", " - Head office", " - Warehouse", " - Field staff")
_TERMS: Final = ("P1Y", "P1Y", "P1M", "P3Y")
_TERM_DAYS: Final = {"P1M": 30, "P1Y": 365, "P3Y": 1096}
_ADD_ON_SHARE: Final = 0.12
_MAX_AZURE: Final = 3


class CustomerBuilder:
    """One customer in the making; what it adds depends on the seed and the order of calls alone.

    `now_s` is the start of the world, to which all times relate.
    """

    def __init__(self, catalog: Catalog, seed: int, profile: Profile, now_s: float) -> None:
        self.account = Account(profile)
        self.throw: Random = seeded_random("account", seed, profile.index)
        self._catalog = catalog
        self._seed = seed
        self._now_s = now_s

    def legacy(
        self,
        key: str,
        *,
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        cycle: BillingCycle | None = None,
        trait: Trait = Trait.NONE,
        is_provisioned: bool = True,
    ) -> Subscription:
        """Add a license subscription of the old generation."""
        offer = self._catalog.offers[key]
        fresh = self._add(Family.LEGACY, key, offer.names["en-US"])
        fresh.quantity = self.throw.randint(1, min(offer.maximum, 60))
        fresh.cycle = cycle or self.throw.choice(offer.cycles or (BillingCycle.NONE,))
        fresh.status = status
        fresh.trait = trait
        if not is_provisioned:
            fresh.provisioned_s = NEVER_S
        return fresh

    def add_on(self, parent: Subscription, key: str) -> Subscription:
        """Add an add-on to a license subscription."""
        fresh = self._add(Family.LEGACY, key, self._catalog.offers[key].names["en-US"])
        fresh.quantity = parent.quantity
        fresh.parent_id = parent.id
        fresh.cycle = parent.cycle
        fresh.ends_s = parent.ends_s
        return fresh

    def azure(
        self,
        *,
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        age_days: float | None = None,
    ) -> Subscription:
        """Add an Azure subscription of the old generation."""
        fresh = self._add(Family.AZURE, AZURE_KEY, "Microsoft Azure")
        fresh.quantity = 1
        fresh.cycle = BillingCycle.MONTHLY
        fresh.ends_s = NEVER_S
        fresh.auto_renew = False
        fresh.status = status
        fresh.entitlement_id = guid("entitlement", fresh.id)
        if age_days is not None:
            fresh.created_s = self._now_s - age_days * DAY_S
        return fresh

    def modern(
        self,
        key: str,
        *,
        term: str = "P1Y",
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        trait: Trait = Trait.NONE,
        is_provisioned: bool = True,
    ) -> Subscription:
        """Add a new commerce license subscription."""
        fresh = self._add(Family.MODERN, key, self._catalog.products[key].title)
        fresh.order_id = guid("order", fresh.id).replace("-", "")[:12]
        fresh.quantity = self.throw.randint(2, 80)
        fresh.term = term
        fresh.cycle = self.throw.choice((BillingCycle.MONTHLY, BillingCycle.ANNUAL))
        if term == "P1M":
            fresh.cycle = BillingCycle.MONTHLY
        fresh.created_s = self._now_s - self.throw.random() * 0.8 * _TERM_DAYS[term] * DAY_S
        fresh.ends_s = fresh.created_s + _TERM_DAYS[term] * DAY_S
        fresh.status = status
        fresh.trait = trait
        if not is_provisioned:
            fresh.provisioned_s = NEVER_S
        return fresh

    def product_upgrade(self, state: ProductUpgradeState) -> ProductUpgrade:
        """Record that the Azure subscriptions are being moved; it stays in `state` for good."""
        owner = self.account.profile.id
        upgrade = ProductUpgrade(
            id=guid("product-upgrade", owner),
            created_s=self._now_s - 3 * DAY_S,
            plan_id=guid("azure-plan", owner),
            source_ids=tuple(each.id for each in self.account.azure()),
            fails=state is ProductUpgradeState.FAILED,
            stops_at=state,
        )
        self.account.product_upgrades.append(upgrade)
        return upgrade

    def transition(
        self, source: Subscription, to_item: str, *, age_s: float, is_endless: bool = False
    ) -> Transition:
        """Record that a conversion of the whole began `age_s` before the world did."""
        past = Transition(
            id=guid("transition", source.id, to_item),
            created_s=self._now_s - age_s,
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
            is_endless=is_endless,
        )
        self.account.transitions.setdefault(source.id, []).append(past)
        return past

    def _add(self, family: Family, item: str, name: str) -> Subscription:
        owner, ordinal = self.account.profile, len(self.account.subscriptions)
        created_s = self._now_s - (30 + self.throw.random() * 1500) * DAY_S
        fresh = Subscription(
            id=guid("subscription", self._seed, owner.index, ordinal),
            order_id=guid("order", self._seed, owner.index, ordinal),
            family=family,
            item=item,
            friendly_name=name + self.throw.choice(_PLACES),
            quantity=1,
            created_s=created_s,
            ends_s=self._now_s + (10 + self.throw.random() * 355) * DAY_S,
            provisioned_s=created_s,
        )
        self.account.subscriptions[fresh.id] = fresh
        return fresh


def populate(draft: CustomerBuilder, catalog: Catalog, size: int, shares: FamilyShares) -> None:
    """Add random subscriptions until the customer has `size` of them."""
    while len(draft.account.subscriptions) < size:
        _add_one(draft, catalog, size, shares)


def _add_one(draft: CustomerBuilder, catalog: Catalog, size: int, shares: FamilyShares) -> None:
    throw = draft.throw
    weights = (shares.legacy, shares.modern, shares.azure)
    family = throw.choices((Family.LEGACY, Family.MODERN, Family.AZURE), weights)[0]
    if family is Family.AZURE and len(draft.account.azure()) < _MAX_AZURE:
        draft.azure()
        return
    if family is Family.MODERN:
        draft.modern(throw.choice(catalog.convertible), term=throw.choice(_TERMS))
        return
    parent = draft.legacy(throw.choice(catalog.sellable), status=throw.choice(_STATUSES))
    has_room = len(draft.account.subscriptions) < size
    if parent.is_active and has_room and throw.random() < _ADD_ON_SHARE:
        add_ons = catalog.add_ons_of(catalog.offers[parent.item])
        if add_ons:
            draft.add_on(parent, throw.choice(add_ons).key)
