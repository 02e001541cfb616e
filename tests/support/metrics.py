"""A `/metrics` in which every metric has a series."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.journey import journey
from tests.support.upgrades import find_first_upgrade, request_upgrade

_TOO_DEEP = "{ customers { nodes { subscriptions { nodes { customer { subscriptions { nodes { id"
_SETTINGS = {"limits": {"max_depth": 6}, "throttle": {"customer_reads_per_minute": 500}}


async def read_filled_metrics() -> str:
    """Return `/metrics` after an upgrade and a request that exceeds a limit."""
    async with journey(settings=_SETTINGS) as gateway:
        upgrade = await find_first_upgrade(gateway)
        await request_upgrade(gateway.client, upgrade.input("key-1"))
        deep = _TOO_DEEP + " }" * _TOO_DEEP.count("{")
        await gateway.client.post("/graphql", json={"query": deep})
        return (await gateway.client.get("/metrics")).text


def labels_by_family(text: str) -> dict[tuple[str, str], set[str]]:
    """Return the labels of each family, by its name and type; without `le`."""
    return {
        (family.name, family.type): {
            name for sample in family.samples for name in sample.labels if name != "le"
        }
        for family in text_string_to_metric_families(text)
    }
