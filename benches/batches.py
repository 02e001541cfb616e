"""How fast a batch goes, and how much memory it takes: `python -m benches.batches [lines]`.

The vendor is a pretended one that answers at once, so that what is measured is the gateway's own:
recording the batch, and for each line its operation with its steps, in a new SQLite file.
"""

import asyncio
import resource
import sys
import tempfile
import time
from dataclasses import dataclass

from gateway.observability import logs
from gateway.operations.engine import Engine
from gateway.operations.opening import store_at
from gateway.operations.principal_batches import PrincipalBatches
from gateway.operations.record import Policy
from gateway.upstream.clock import SystemClock
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.upgrade import UpgradeType
from tests.support.pretend_market import PretendMarket


@dataclass(frozen=True, slots=True)
class Figures:
    """One batch on SQLite."""

    lines: int
    recorded_ms: float
    lines_per_s: float
    standing_ms: float
    grown_mib: float

    def __str__(self) -> str:
        return (
            f"{self.lines} lines: recorded in {self.recorded_ms:.0f} ms, then"
            f" {self.lines_per_s:.0f} lines a second; read in {self.standing_ms:.1f} ms;"
            f" the process grew by {self.grown_mib:.0f} MiB"
        )


def orders(count: int, *, of_each: int = 5) -> list[UpgradeOrder]:
    """As many upgrades, of customers with `of_each` subscriptions."""
    return [
        UpgradeOrder(
            SubscriptionKey(f"customer-{number // of_each}", f"subscription-{number}"),
            "offer-1",
            UpgradeType.UPGRADE_ONLY,
        )
        for number in range(count)
    ]


async def measure(count: int) -> Figures:
    """Run one batch."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="batches-") as folder:
        store = store_at(f"sqlite:///{folder}/operations.db")
        engine = Engine(store, PretendMarket(clock), clock, lines_at_once=16)
        await engine.start()
        batches = PrincipalBatches(engine, "somebody", Policy())
        size_mib = _resident_mib()
        began = time.perf_counter()
        submitted = await batches.submit(orders(count), "key-1")
        recorded = time.perf_counter()
        ended = await batches.outcome(submitted.id, 3600)
        finished = time.perf_counter()
        await batches.batch(submitted.id)
        read = time.perf_counter()
        grown_mib = _resident_mib() - size_mib
        await engine.stop(grace_s=5)
    assert ended.counts.done == count, ended.counts
    return Figures(
        count,
        1000 * (recorded - began),
        count / (finished - recorded),
        1000 * (read - finished),
        grown_mib,
    )


def _resident_mib() -> float:
    """The most this process has had in memory so far; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    logs.configure("warning")
    print(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)))
