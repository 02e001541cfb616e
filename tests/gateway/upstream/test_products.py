"""The catalog of new commerce (CONTRACT 4.28 to 4.31)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import UpstreamNotFound
from schema.keys import (
    AvailabilitiesKey,
    AvailabilityKey,
    Market,
    ProductKey,
    SkuKey,
    parse_catalog_item,
)
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock
from tests.support.samples import samples

US, DE = Market("US", "en-US"), Market("DE", "de-DE")
SKU = SkuKey("CFQ7TTC0LH18", "0001", US)
PRODUCT = SKU.product
ITEM = AvailabilityKey(SKU, "CFQ7TTC0K971")
REISSUED = response(404, {"code": 400019, "description": "not found"})
Read = Callable[[PartnerDirectory], Awaitable[Any]]


class Catalog:
    """Directories over one client and its caches."""

    def __init__(self, transport: ScriptedTransport) -> None:
        self.clock = FakeClock()
        self._client: UpstreamClient = build_client(transport, self.clock)
        self._caches = CatalogCaches(100, 60.0, 3600.0, self.clock.monotonic)

    def directory(self, identity: str = "partner") -> PartnerDirectory:
        scope = build_scope(self.clock.monotonic() + 30, identity=identity)
        return PartnerDirectory(self._client, scope, self._caches)


@pytest.mark.parametrize(
    "key", [PRODUCT, ProductKey("cfq7ttc0lh18", Market("us", "EN-us"))], ids=["same", "spelling"]
)
async def test_a_product_is_read_once_for_all_identities(key: ProductKey) -> None:
    transport = ScriptedTransport(response(200, {"id": "p", "title": "Business Basic"}))
    catalog = Catalog(transport)
    first = await catalog.directory("one").product(PRODUCT)
    second = await catalog.directory("another").product(key)
    assert first is second
    assert first.title == "Business Basic"


async def test_each_market_language_product_and_sku_is_cached_by_itself() -> None:
    keys = [
        SKU,
        SkuKey(SKU.product_id, "0002", US),
        SkuKey("other", SKU.sku_id, US),
        SkuKey(SKU.product_id, SKU.sku_id, DE),
        SkuKey(SKU.product_id, SKU.sku_id, Market("US", "de-DE")),
    ]
    transport = ScriptedTransport(*(response(200, {"id": str(n)}) for n in range(len(keys))))
    catalog = Catalog(transport)
    for _ in range(2):
        read = [await catalog.directory().sku(key) for key in keys]
        assert [sku.id for sku in read] == ["0", "1", "2", "3", "4"]
    assert [transport.sent_headers(n)["X-Locale"] for n in (0, 3)] == ["en-US", "de-DE"]


async def test_a_product_is_read_again_after_hours() -> None:
    transport = ScriptedTransport(response(200, {"id": "1"}), response(200, {"id": "2"}))
    catalog = Catalog(transport)
    await catalog.directory().product(PRODUCT)
    await catalog.clock.sleep(3601)
    assert (await catalog.directory().product(PRODUCT)).id == "2"


async def test_a_product_that_is_missing_is_asked_for_again() -> None:
    missing = response(404, {"code": 400013})
    catalog = Catalog(ScriptedTransport(missing, response(200, {"id": "p"})))
    with pytest.raises(UpstreamNotFound):
        await catalog.directory().product(PRODUCT)
    assert (await catalog.directory().product(PRODUCT)).id == "p"


@pytest.mark.parametrize(
    "read",
    [
        lambda d: d.availability(ITEM),
        lambda d: d.availabilities(AvailabilitiesKey(SKU)),
    ],
)
async def test_availabilities_are_never_cached(read: Read) -> None:
    item = {"id": "a"}
    transport = ScriptedTransport(*[response(200, {**item, "items": [item]})] * 2)
    catalog = Catalog(transport)
    for _ in range(2):
        await read(catalog.directory())
    assert len(transport.requests) == 2


async def test_a_reissued_availability_is_found_in_the_list() -> None:
    items = [{"id": "old", "isPurchasable": False}, {"id": "new", "isPurchasable": True}]
    transport = ScriptedTransport(REISSUED, response(200, {"items": items}))
    found = await Catalog(transport).directory().availability(ITEM)
    assert found.id == "new"
    assert transport.requests[1].url.endswith("/skus/0001/availabilities?country=US")


@pytest.mark.parametrize(
    "items", [[], [{"id": "a", "isPurchasable": True}, {"id": "b", "isPurchasable": True}]]
)
async def test_a_reissued_availability_is_not_guessed(items: list[Any]) -> None:
    reply = response(200, {"totalCount": len(items), "items": items})
    with pytest.raises(UpstreamNotFound):
        await Catalog(ScriptedTransport(REISSUED, reply)).directory().availability(ITEM)


async def test_another_missing_object_is_not_searched_in_the_list() -> None:
    transport = ScriptedTransport(response(404, {"code": 400018}))
    with pytest.raises(UpstreamNotFound):
        await Catalog(transport).directory().availability(ITEM)
    assert len(transport.requests) == 1


async def test_tracing_ids_are_the_first_of_those_repeated_in_one_value_q44() -> None:
    repeated = {"MS_RequestId": "one, one", "MS_CorrelationId": "two,two,two"}
    missing = response(404, {"code": 400013}, **repeated)
    with pytest.raises(UpstreamNotFound) as raised:
        await Catalog(ScriptedTransport(missing)).directory().product(PRODUCT)
    assert (raised.value.request_id, raised.value.correlation_id) == ("one", "two")


async def test_a_list_may_be_a_single_object_with_two_link_members_q45() -> None:
    body = samples()["get-availability.new-commerce.response"].body.rstrip()
    twice = body.removesuffix(b"}") + b', "links": {"self": {"uri": "/other"}}}'
    transport = ScriptedTransport(response(200, twice))
    (found,) = await Catalog(transport).directory().availabilities(AvailabilitiesKey(SKU))
    assert found.catalog_item_id == "CFQ7TTC0LH18:0001:CFQ7TTC0K971"


def test_a_catalog_item_is_split_at_its_colons() -> None:
    assert parse_catalog_item("CFQ7TTC0LH18:0001:CFQ7TTC0K971", US) == ITEM


@pytest.mark.parametrize("text", [None, "", "A:B", "A:B:C:D", "A::C", "MS-AZR-0145P"])
def test_another_text_is_no_catalog_item(text: str | None) -> None:
    assert parse_catalog_item(text, US) is None
