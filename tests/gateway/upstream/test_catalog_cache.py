from gateway.upstream.catalog_cache import CatalogCache
from tests.support.clock import FakeClock


def cache(clock: FakeClock, max_entries: int = 3, ttl_s: float = 60) -> CatalogCache:
    return CatalogCache(max_entries, ttl_s, clock.monotonic)


def test_a_value_is_returned_until_it_expires() -> None:
    clock = FakeClock()
    kept = cache(clock)
    kept.put("a", 1)
    clock.now += 59
    assert kept.get("a") == 1
    clock.now += 1
    assert kept.get("a") is None


def test_a_value_that_was_never_cached_is_not_found() -> None:
    assert cache(FakeClock()).get("a") is None


def test_the_oldest_entry_is_dropped_when_the_cache_is_full() -> None:
    kept = cache(FakeClock())
    for key in "abcd":
        kept.put(key, key)
    assert [kept.get(key) for key in "abcd"] == [None, "b", "c", "d"]


def test_caching_a_value_again_renews_it() -> None:
    clock = FakeClock()
    kept = cache(clock)
    for key in "abca":
        kept.put(key, key)
        clock.now += 1
    kept.put("d", "d")
    assert [kept.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_expired_entries_are_removed() -> None:
    clock = FakeClock()
    kept = cache(clock)
    kept.put("a", 1)
    kept.put("b", 1)
    clock.now += 60
    kept.put("c", 1)
    assert len(kept) == 1


def test_a_ttl_of_0_switches_the_cache_off() -> None:
    kept = cache(FakeClock(), ttl_s=0)
    kept.put("a", 1)
    assert len(kept) == 0
