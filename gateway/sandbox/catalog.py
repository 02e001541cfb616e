"""The catalog: legacy offers with their categories, and new commerce products."""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Final

from gateway.sandbox.enums import BillingCycle
from gateway.sandbox.identity import guid, hash_parts

LOCALES: Final = ("en-US", "de-DE")
COUNTRIES: Final = ("US", "DE", "GB", "AT", "CH")
AZURE_KEY: Final = "azure"
PLAN_KEY: Final = "azure-plan"
PLAN_ITEM_ID: Final = "DZH318Z0BPS6:0001:DZH318Z0BMGX"


@dataclass(frozen=True, slots=True)
class Market:
    """A country and a locale. Each has its own catalog."""

    country: str = "US"
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Category:
    """A group of offers. `names` has one name for each locale."""

    id: str
    rank: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A legacy offer. `upgrades` and `prerequisites` are keys of offers; texts are by locale."""

    key: str
    id: str
    category_id: str
    rank: int
    maximum: int
    cycles: tuple[BillingCycle, ...]
    upgrades: tuple[str, ...]
    prerequisites: tuple[str, ...]
    flags: frozenset[str]
    names: Mapping[str, str]
    descriptions: Mapping[str, str]

    @property
    def is_add_on(self) -> bool:
        """Whether it requires a subscription to one of its prerequisites."""
        return "addon" in self.flags

    @property
    def is_usage(self) -> bool:
        """Whether it is billed by usage, as Azure is."""
        return "usage" in self.flags

    @property
    def is_for_sale(self) -> bool:
        """Whether generated customers may have a license subscription to the offer."""
        return not self.flags & {"addon", "usage", "internal", "us-only"}

    def is_sold_in(self, country: str) -> bool:
        return country == "US" or "us-only" not in self.flags


@dataclass(frozen=True, slots=True)
class Product:
    """A new commerce catalog item. `upgrades` and `scheduled_upgrades` are keys of products."""

    key: str
    product_id: str
    sku_id: str
    availability_id: str
    upgrades: tuple[str, ...]
    scheduled_upgrades: tuple[str, ...]
    """Further targets, which are only possible at the end of the term."""
    flags: frozenset[str]
    title: str
    description: str

    @property
    def id(self) -> str:
        """The catalog item id before any reissue: `product:sku:availability`."""
        return self.build_item_id(self.availability_id)

    def build_item_id(self, availability_id: str) -> str:
        return f"{self.product_id}:{self.sku_id}:{availability_id}"

    @property
    def is_trial(self) -> bool:
        """Whether it is free for a month. It can only be upgraded to the paid equivalent."""
        return "trial" in self.flags

    @property
    def is_usage(self) -> bool:
        """Whether it is billed by usage, as Azure is."""
        return "usage" in self.flags

    @property
    def is_for_sale(self) -> bool:
        return "end-of-sale" not in self.flags


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion for the product `item`, for one term and at most `maximum` licenses."""

    id: str
    item: str
    term: str
    maximum: int


@dataclass(frozen=True, slots=True)
class ReissuePeriod:
    """All availabilities get new ids every `period_s` from `started_s` on (CONTRACT 4.31)."""

    started_s: float = 0.0
    period_s: float = math.inf

    def count(self, now_s: float) -> int:
        return int(max(0.0, now_s - self.started_s) // self.period_s)


class Catalog:
    """All offers, products and categories. Upper and lower case in ids are equal."""

    def __init__(
        self,
        offers: Iterable[Offer],
        products: Iterable[Product],
        categories: Iterable[Category],
        reissue_period: ReissuePeriod,
    ) -> None:
        self._reissue_period = reissue_period
        self.promotions = _load_promotions()
        self.offers: Mapping[str, Offer] = {offer.key: offer for offer in offers}
        self.products: Mapping[str, Product] = {product.key: product for product in products}
        self.categories: Mapping[str, Category] = {each.id: each for each in categories}
        self._offers_by_id = {offer.id.lower(): offer for offer in self.offers.values()}
        self._products_by_sku = {
            (each.product_id.lower(), each.sku_id.lower()): each for each in self.products.values()
        }

    @cached_property
    def sellable_keys(self) -> tuple[str, ...]:
        return tuple(offer.key for offer in self.offers.values() if offer.is_for_sale)

    @cached_property
    def product_keys(self) -> tuple[str, ...]:
        """The keys of the products that generated customers may own."""
        return tuple(key for key, product in self.products.items() if not product.flags)

    def find_offer(self, offer_id: str) -> Offer | None:
        return self._offers_by_id.get(offer_id.lower())

    def find_sku(self, product_id: str, sku_id: str) -> Product | None:
        return self._products_by_sku.get((product_id.lower(), sku_id.lower()))

    def list_skus(self, product_id: str) -> list[Product]:
        return [
            each for each in self.products.values() if each.product_id.lower() == product_id.lower()
        ]

    def get_availability_id(self, product: Product, now_s: float) -> str:
        """Return the availability's current id. Earlier ids are no longer valid."""
        reissues = self._reissue_period.count(now_s)
        if not reissues:
            return product.availability_id
        return f"CFQ7TTC{hash_parts(product.key, reissues, size=3):06X}"[:12]

    def get_item_id(self, product: Product, now_s: float) -> str:
        """Return the current catalog item id: `product:sku:availability`."""
        return product.build_item_id(self.get_availability_id(product, now_s))

    def list_add_ons(self, offer: Offer) -> list[Offer]:
        """List the add-ons that can be bought in addition to the offer."""
        return [each for each in self.offers.values() if offer.key in each.prerequisites]


def load_catalog(reissue_period: ReissuePeriod | None = None) -> Catalog:
    """Read the catalog from the data files of this package."""
    return Catalog(
        map(_parse_offer, _read_rows("offers.psv")),
        map(_parse_product, _read_rows("products.psv")),
        map(_parse_category, _read_rows("categories.psv")),
        reissue_period or ReissuePeriod(),
    )


def _load_promotions() -> tuple[Promotion, ...]:
    return tuple(
        Promotion(row["id"], row["product"], row["term"], int(row["maximum"]))
        for row in _read_rows("promotions.psv")
    )


def _read_rows(name: str) -> list[dict[str, str]]:
    text = resources.files("gateway.sandbox").joinpath("seed", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="|"))


def _parse_offer(row: dict[str, str]) -> Offer:
    return Offer(
        key=row["key"],
        id=row["id"] or guid("offer", row["key"]).upper(),
        category_id=row["category"],
        rank=int(row["rank"]),
        maximum=int(row["maximum"]),
        cycles=tuple(BillingCycle[cycle.upper()] for cycle in row["cycles"].split()),
        upgrades=tuple(row["upgrades"].split()),
        prerequisites=tuple(row["prerequisites"].split()),
        flags=frozenset(row["flags"].split()),
        names=_parse_translations(row, "name"),
        descriptions=_parse_translations(row, "description"),
    )


def _parse_product(row: dict[str, str]) -> Product:
    return Product(
        key=row["key"],
        product_id=row["product"],
        sku_id=row["sku"],
        availability_id=row["availability"],
        upgrades=tuple(row["upgrades"].split()),
        scheduled_upgrades=tuple(row["scheduled"].split()),
        flags=frozenset(row["flags"].split()),
        title=row["title"],
        description=row["description"],
    )


def _parse_category(row: dict[str, str]) -> Category:
    return Category(row["id"], int(row["rank"]), _parse_translations(row, "name"))


def _parse_translations(row: dict[str, str], member: str) -> dict[str, str]:
    return {locale: row[f"{member}_{locale[:2]}"] for locale in LOCALES}
