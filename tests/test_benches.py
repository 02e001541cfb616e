"""Benches are kept alive: each runs once, briefly, and its figures add up."""

from benches import mutations, nested, transports, upstream


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


async def test_the_upstream_bench_asks_four_questions() -> None:
    found = await upstream.measure(["asyncio"], rounds=1, customers=2)

    assert list(found) == list(upstream.QUESTIONS)
    assert all(median > 0 for medians in found.values() for median in medians)


async def test_the_transports_bench_compares_clients() -> None:
    found = await transports.measure(["asyncio", "pyreqwest"], rounds=1)

    assert set(found) == {"asyncio", "pyreqwest"}
    assert min(found.values()) > 0
