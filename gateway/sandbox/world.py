"""The generated partner: customers derived from the seed when they are asked for.

Nothing is stored of a customer that nobody has changed: it is derived again when it has fallen
out of a bounded cache. A customer is kept for good from its first change on.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from gateway.sandbox import product_upgrades, transitions
from gateway.sandbox.catalog import Catalog, load_catalog
from gateway.sandbox.errors import (
    malformed_body,
    no_subscription,
    removed_customer,
    unrelated_customer,
)
from gateway.sandbox.examples import Examples, find_examples
from gateway.sandbox.identity import guid, index_of, is_guid
from gateway.sandbox.options import FamilyShares, SandboxOptions
from gateway.sandbox.population import CustomerBuilder, populate
from gateway.sandbox.profiles import create_profile
from gateway.sandbox.records import Account, Profile, Subscription
from gateway.sandbox.sample_customers import SHAPES

_CACHED_CUSTOMERS: Final = 1_000
_REMOVED_CUSTOMERS: Final = 3


class World:
    """Customers by id, the same for the same seed, size and start."""

    def __init__(
        self, options: SandboxOptions, started_s: float, cached_customers: int = _CACHED_CUSTOMERS
    ) -> None:
        self.options = options
        self.started_s = started_s
        self.catalog: Catalog = load_catalog()
        self.upgrades_performed: Counter[str] = Counter()
        """How often each source, by subscription or customer id, was really upgraded."""
        self.request_ids: dict[str, str] = {}
        """Which request bought each subscription that an upgrade has bought, by its id."""
        self.azure_plans_ordered = 0
        self._changed: dict[int, Account] = {}
        self._unchanged: OrderedDict[int, Account] = OrderedDict()
        self._cached_customers = cached_customers

    @cached_property
    def examples(self) -> Examples:
        """Ids of what documents, tests and people want to see."""
        accounts = [self._derive(index) for index in range(len(SHAPES))]
        return find_examples(
            accounts,
            self.catalog,
            removed_id=self.profile(self.options.customers).id,
            foreign_id=guid("foreign", self.options.seed),
        )

    def profile(self, index: int) -> Profile:
        """Who the customer at `index` is; indexes beyond the last are the removed ones."""
        if index < len(SHAPES):
            name, country, _ = SHAPES[index]
            return create_profile(self.options.seed, index, name, country)
        return create_profile(self.options.seed, index)

    def profiles(self, start: int = 0) -> Iterator[Profile]:
        """The customers from `start` on, in the order in which they are listed."""
        return (self.profile(index) for index in range(start, self.options.customers))

    def index(self, customer_id: str) -> int:
        """The position of a customer; raises the Refusal of G18 for everybody else."""
        if not is_guid(customer_id):
            raise malformed_body("Customer id", customer_id, "a GUID")
        index = index_of(self.options.seed, customer_id)
        if index is None or index >= self.options.customers + _REMOVED_CUSTOMERS:
            raise unrelated_customer()
        if index >= self.options.customers:
            raise removed_customer(customer_id)
        return index

    def account(self, customer_id: str, now_s: float) -> Account:
        """The customer as it is at this time, to be read only."""
        index = self.index(customer_id)
        account = self._changed.get(index) or self._get_cached(index)
        product_upgrades.advance(account, now_s, self.options.timings)
        transitions.advance(account, now_s, self.options.timings)
        return account

    def subscription(
        self, customer_id: str, subscription_id: str, now_s: float
    ) -> tuple[Account, Subscription]:
        """A subscription and who has it; raises Refusal when there is none."""
        account = self.account(customer_id, now_s)
        if not is_guid(subscription_id):
            raise malformed_body("Subscription id", subscription_id, "a GUID")
        found = account.subscriptions.get(subscription_id.lower())
        if found is None:
            raise no_subscription(subscription_id)
        return account, found

    def save(self, account: Account) -> None:
        """Remember that the account differs from what the seed says; call it before a change."""
        index = account.profile.index
        self._unchanged.pop(index, None)
        self._changed[index] = account

    def _get_cached(self, index: int) -> Account:
        account = self._unchanged.get(index)
        if account is None:
            account = self._unchanged[index] = self._derive(index)
            if len(self._unchanged) > self._cached_customers:
                self._unchanged.popitem(last=False)
        else:
            self._unchanged.move_to_end(index)
        return account

    def _derive(self, index: int) -> Account:
        options = self.options
        draft = CustomerBuilder(self.catalog, options.seed, self.profile(index), self.started_s)
        shares = options.shares
        if index < len(SHAPES):
            SHAPES[index][2](draft, self.catalog)
            legacy = shares.legacy if shares.legacy or shares.modern else 1.0
            shares = FamilyShares(legacy=legacy, modern=shares.modern, azure=0.0)
        populate(draft, self.catalog, options.subscriptions_per_customer, shares)
        return draft.account
