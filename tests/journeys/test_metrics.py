"""Requests and upstream calls in `/metrics`."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.journey import Journey, journey


async def counts(of: Journey) -> dict[tuple[str, ...], float]:
    response = await of.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name.endswith("_duration_seconds_count")
    }


async def test_requests_and_upstream_exchanges_are_counted_by_outcome() -> None:
    async with journey() as of:
        await of.data("{ offerCategories { id } }")
        await of.execute('{ customer(id: "00000000-0000-0000-0000-000000000000") { id } }')
        await of.client.post("/graphql", json={"query": "{ nothingLikeThis }"})
        found = await counts(of)
    assert found["ok", "query"] == 1
    assert found["INVALID_INPUT", "unknown"] == 1
    assert found["FORBIDDEN", "query"] == 1
    assert found["GET", "200"] >= 1
    assert found["GET", "403"] == 1
