"""The customers of the partner, which are generated from the seed on demand.

Unchanged customers are in a bounded cache and are generated again after they were evicted.
Changed customers are always kept.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from gateway.sandbox import product_upgrades, renewals, transitions
from gateway.sandbox.audit_log import AuditLog
from gateway.sandbox.audit_samples import add_samples
from gateway.sandbox.catalog import Catalog, ReissuePeriod, load_catalog
from gateway.sandbox.customer_builder import CustomerBuilder, populate
from gateway.sandbox.errors import (
    malformed_value_error,
    removed_customer_error,
    subscription_not_found_error,
    unrelated_customer_error,
)
from gateway.sandbox.examples import Examples, find_examples
from gateway.sandbox.identity import find_index, guid, is_guid
from gateway.sandbox.options import CommerceShares, RenewalOptions, SandboxOptions
from gateway.sandbox.profiles import create_profile
from gateway.sandbox.records import Customer, Profile, Subscription
from gateway.sandbox.sample_customers import ALPINE, SAMPLE_CUSTOMERS
from gateway.sandbox.webhooks import Webhooks

_MAX_CACHED: Final = 1_000
_REMOVED_CUSTOMERS: Final = 3


class World:
    """Generates customers and catalog. The same options and start always give the same data."""

    def __init__(
        self, options: SandboxOptions, started_s: float, max_cached: int = _MAX_CACHED
    ) -> None:
        self.options = options
        self.started_s = started_s
        self.catalog: Catalog = load_catalog(
            ReissuePeriod(started_s, options.timings.availability_reissue_s)
        )
        self.upgrades_performed: Counter[str] = Counter()
        """The number of upgrades by subscription id (product upgrades: customer id)."""
        self.request_ids: dict[str, str] = {}
        """The MS-RequestId that created each target subscription, by subscription id."""
        self.azure_plans_ordered = 0
        self.renewals: RenewalOptions = options.renewals
        self.webhooks = Webhooks()
        self.audit = AuditLog(options.audit)
        add_samples(self.audit, self.get_profile(ALPINE), options.credentials, started_s)
        self._changed: dict[int, Customer] = {}
        self._unchanged: OrderedDict[int, Customer] = OrderedDict()
        self._max_cached = max_cached

    @cached_property
    def examples(self) -> Examples:
        customers = [self._generate(index) for index in range(len(SAMPLE_CUSTOMERS))]
        return find_examples(
            customers,
            self.catalog,
            removed_id=self.get_profile(self.options.customers).id,
            foreign_id=guid("foreign", self.options.seed),
        )

    def get_profile(self, index: int) -> Profile:
        """Return the profile of a customer. Indexes after the last one give removed customers."""
        if index < len(SAMPLE_CUSTOMERS):
            name, country, _ = SAMPLE_CUSTOMERS[index]
            return create_profile(self.options.seed, index, name, country)
        return create_profile(self.options.seed, index)

    def iter_profiles(self, start: int = 0) -> Iterator[Profile]:
        """Iterate over the profiles of customers from index `start`, in the order of the list."""
        return (self.get_profile(index) for index in range(start, self.options.customers))

    def find_customer_index(self, customer_id: str) -> int:
        """Return the index of a customer. Raises VendorError for an unknown id (G18)."""
        if not is_guid(customer_id):
            raise malformed_value_error("Customer id", customer_id, "a GUID")
        index = find_index(self.options.seed, customer_id)
        if index is None or index >= self.options.customers + _REMOVED_CUSTOMERS:
            raise unrelated_customer_error()
        if index >= self.options.customers:
            raise removed_customer_error(customer_id)
        return index

    def get_customer(self, customer_id: str, now_s: float) -> Customer:
        """Return a customer as it is at this time. Call `save` before changing it.

        Raises VendorError for an unknown id.
        """
        index = self.find_customer_index(customer_id)
        customer = self._changed.get(index) or self._get_cached(index)
        product_upgrades.advance(customer, now_s, self.options.timings)
        transitions.advance(customer, now_s, self.options.timings)
        renewals.advance(customer, self.catalog, now_s, self.renewals)
        return customer

    def get_subscription(
        self, customer_id: str, subscription_id: str, now_s: float
    ) -> tuple[Customer, Subscription]:
        """Return a customer and one of its subscriptions. Raises VendorError for an unknown id."""
        customer = self.get_customer(customer_id, now_s)
        if not is_guid(subscription_id):
            raise malformed_value_error("Subscription id", subscription_id, "a GUID")
        found = customer.subscriptions.get(subscription_id.lower())
        if found is None:
            raise subscription_not_found_error(subscription_id)
        return customer, found

    def save(self, customer: Customer) -> None:
        """Keep a customer in memory, because it is about to change."""
        index = customer.profile.index
        self._unchanged.pop(index, None)
        self._changed[index] = customer

    def _get_cached(self, index: int) -> Customer:
        customer = self._unchanged.get(index)
        if customer is None:
            customer = self._unchanged[index] = self._generate(index)
            if len(self._unchanged) > self._max_cached:
                self._unchanged.popitem(last=False)
        else:
            self._unchanged.move_to_end(index)
        return customer

    def _generate(self, index: int) -> Customer:
        options = self.options
        builder = CustomerBuilder(
            self.catalog, options.seed, self.get_profile(index), self.started_s
        )
        shares = options.shares
        if index < len(SAMPLE_CUSTOMERS):
            SAMPLE_CUSTOMERS[index][2](builder, self.catalog)
            legacy = shares.legacy_license if shares.legacy_license or shares.new_commerce else 1.0
            shares = CommerceShares(
                legacy_license=legacy, new_commerce=shares.new_commerce, legacy_azure=0.0
            )
        populate(builder, self.catalog, options.subscriptions_per_customer, shares)
        return builder.customer
