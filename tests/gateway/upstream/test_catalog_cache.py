from gateway.upstream.catalog_cache import CatalogCache
from tests.support.clock import FakeClock


def cache(clock: FakeClock, max_entries: int = 3, ttl_s: float = 60) -> CatalogCache:
    return CatalogCache(max_entries, ttl_s, clock.monotonic)


def test_an_answer_is_told_until_it_is_too_old() -> None:
    clock = FakeClock()
    kept = cache(clock)
    kept.put("a", 1)
    clock.now += 59
    assert kept.get("a") == 1
    clock.now += 1
    assert kept.get("a") is None


def test_what_was_never_answered_is_not_told() -> None:
    assert cache(FakeClock()).get("a") is None


def test_the_oldest_is_dropped_for_one_too_many() -> None:
    kept = cache(FakeClock())
    for key in "abcd":
        kept.put(key, key)
    assert [kept.get(key) for key in "abcd"] == [None, "b", "c", "d"]


def test_an_answer_that_came_again_is_as_new_as_any() -> None:
    clock = FakeClock()
    kept = cache(clock)
    for key in "abca":
        kept.put(key, key)
        clock.now += 1
    kept.put("d", "d")
    assert [kept.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_what_is_too_old_takes_no_place() -> None:
    clock = FakeClock()
    kept = cache(clock)
    kept.put("a", 1)
    kept.put("b", 1)
    clock.now += 60
    kept.put("c", 1)
    assert len(kept) == 1


def test_without_a_time_nothing_is_kept() -> None:
    kept = cache(FakeClock(), ttl_s=0)
    kept.put("a", 1)
    assert len(kept) == 0
