"""Keys are fetched once, kept, renewed, rotated and never fetched more often than is bounded."""

import asyncio

import pytest

from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.auth.jwks import KeyName, KeySet
from gateway.auth.jwks_cache import JwksCache
from tests.support.clock import FakeClock
from tests.support.issuer import SigningKey

TTL_S = 600.0
DAY_S = 86_400.0


def named(kid: str) -> KeyName:
    return kid, "ES256"


class Source:
    """Answers with the keys it has; `gate` holds answers back."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.fetches = 0
        self.is_down = False
        self.gate = asyncio.Event()
        self.gate.set()
        self._made: dict[str, SigningKey] = {}

    async def fetch(self) -> KeySet:
        self.fetches += 1
        await self.gate.wait()
        if self.is_down:
            raise SigningKeysUnavailable("the issuer is down")
        return KeySet.from_jwks(self._key(kid).public for kid in self.kids)

    def _key(self, kid: str) -> SigningKey:
        return self._made.setdefault(kid, SigningKey(kid))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source() -> Source:
    return Source("a")


@pytest.fixture
def keys(source: Source, clock: FakeClock) -> JwksCache:
    return JwksCache(source.fetch, clock, ttl_s=TTL_S)


async def settled() -> None:
    """Let what was begun beside a request come to its end."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_concurrent_requests_share_one_fetch(keys: JwksCache, source: Source) -> None:
    source.gate.clear()
    asking = [asyncio.create_task(keys.get_key(named("a"))) for _ in range(50)]
    await settled()
    source.gate.set()

    assert {key.key_id for key in await asyncio.gather(*asking)} == {"a"}
    assert source.fetches == 1


async def test_a_cancelled_request_does_not_cancel_the_fetch_for_the_others(
    keys: JwksCache, source: Source
) -> None:
    source.gate.clear()
    leaving, staying = (asyncio.create_task(keys.get_key(named("a"))) for _ in range(2))
    await settled()
    leaving.cancel()
    await settled()
    source.gate.set()

    assert (await staying).key_id == "a"


async def test_a_new_key_is_found_by_the_first_token_that_names_it(
    keys: JwksCache, source: Source
) -> None:
    await keys.get_key(named("a"))
    source.kids = ["b"]

    assert (await keys.get_key(named("b"))).key_id == "b"
    assert not keys.has_key(named("a")), "a key that was withdrawn is no longer trusted"


async def test_made_up_key_ids_are_fetched_for_five_times_a_minute(
    keys: JwksCache, source: Source, clock: FakeClock
) -> None:
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await keys.get_key(named(f"made-up-{number}"))
    assert source.fetches == 5

    clock.now += 61
    source.kids = ["a", "b"]
    assert (await keys.get_key(named("b"))).key_id == "b"


async def test_known_keys_are_found_while_made_up_ones_are_refused(
    keys: JwksCache, source: Source
) -> None:
    for number in range(10):
        with pytest.raises(Unauthenticated):
            await keys.get_key(named(f"made-up-{number}"))

    assert (await keys.get_key(named("a"))).key_id == "a"


async def test_old_keys_are_renewed_beside_the_requests_that_use_them(
    keys: JwksCache, source: Source, clock: FakeClock
) -> None:
    await keys.get_key(named("a"))
    clock.now += TTL_S
    source.gate.clear()

    assert (await keys.get_key(named("a"))).key_id == "a"  # without waiting
    source.kids = []
    source.gate.set()
    await settled()

    assert source.fetches == 2
    assert not keys.has_key(named("a"))


async def test_keys_outlive_an_issuer_that_is_down_for_an_hour_and_not_for_a_day(
    keys: JwksCache, source: Source, clock: FakeClock
) -> None:
    await keys.get_key(named("a"))
    source.is_down = True

    clock.now += 3600
    assert (await keys.get_key(named("a"))).key_id == "a"
    await settled()

    clock.now += DAY_S
    with pytest.raises(SigningKeysUnavailable, match="cannot be fetched"):
        await keys.get_key(named("a"))


async def test_without_keys_tokens_are_not_rejected_as_invalid(
    keys: JwksCache, source: Source
) -> None:
    source.is_down = True
    for _ in range(10):
        with pytest.raises(SigningKeysUnavailable):
            await keys.get_key(named("a"))

    assert source.fetches == 5


async def test_an_unknown_key_is_not_refused_for_good_while_the_issuer_is_down(
    keys: JwksCache, source: Source
) -> None:
    await keys.get_key(named("a"))
    source.is_down = True

    with pytest.raises(SigningKeysUnavailable):
        await keys.get_key(named("b"))


async def test_an_unexpected_failure_of_a_fetch_makes_keys_unavailable(
    clock: FakeClock,
) -> None:
    async def fetch() -> KeySet:
        raise TypeError("unhashable type: 'list'")

    keys = JwksCache(fetch, clock, ttl_s=TTL_S)
    with pytest.raises(SigningKeysUnavailable):
        await keys.get_key(named("a"))


async def test_closing_stops_a_fetch(keys: JwksCache, source: Source) -> None:
    source.gate.clear()
    asking = asyncio.create_task(keys.get_key(named("a")))
    await settled()

    await keys.aclose()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_closing_without_a_fetch_does_nothing(keys: JwksCache) -> None:
    await keys.aclose()
