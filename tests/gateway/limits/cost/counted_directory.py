"""A Directory that counts the upstream calls that the real one would make."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from gateway.upstream.catalog import MIN_OFFERS_FOR_PAGE
from resolvers.ports.directory import Directory, OffersKey, OffersPage
from schema.keys import Market
from schema.offer import Offer
from tests.gateway.engine.fake_directory import FakeDirectory


class CountedDirectory:
    """Returns fake data; its catalog is empty at first."""

    def __init__(self) -> None:
        self.calls = 0
        self._directory = FakeDirectory()
        self._known: set[tuple[Market, str]] = set()

    def as_directory(self) -> Directory:
        return cast("Directory", self)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        read: Callable[..., Awaitable[Any]] = getattr(self._directory, name)

        async def counted(*arguments: Any) -> Any:
            self.calls += 1
            return await read(*arguments)

        return read if name == "throttle" else counted

    async def offers_page(self, key: OffersKey) -> OffersPage:
        self.calls += 1
        page = await self._directory.offers_page(key)
        self._known |= {(key.market, offer.id) for offer in page.offers}
        return page

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        unknown = {(market, offer_id) for offer_id in offer_ids} - self._known
        self.calls += 1 if len(unknown) >= MIN_OFFERS_FOR_PAGE else len(unknown)
        found = await self._directory.offers(market, offer_ids)
        self._known |= unknown
        return found
