"""Benches are kept alive: each runs once, briefly, and its figures add up."""

from benches import mutations, nested


async def test_the_nested_bench_measures_twenty_two_calls_a_request() -> None:
    figures = await nested.measure(seconds=0.2, connections=2, transport="auto")

    assert figures.requests >= 2
    assert figures.upstream_calls == 22 * figures.requests
    assert figures.cpu_s > 0
    assert "upstream calls a request" in str(figures)


async def test_the_mutations_bench_upgrades_each_way() -> None:
    figures = await mutations.measure(count=2)

    assert min(figures.bare_ms, figures.durable_ms, figures.upgrades_per_s) > 0
    assert "upgrades a second" in str(figures)
