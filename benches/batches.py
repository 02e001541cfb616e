"""Measures how fast a batch runs, and how much memory it needs.

    python -m benches.batches [--lines 5000]

The vendor is a fake that responds at once, so the figures are those of the gateway: it records the
batch and, for each line, its operation with its steps in a new SQLite file.
"""

import asyncio
import resource
import tempfile
import time

from benches.report import BenchReport, Figure, build_parser, publish
from gateway.clock import SystemClock
from gateway.observability import logs
from gateway.operations.batch_service import BatchService
from gateway.operations.model.record import Policy
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.upgrade import UpgradeType
from tests.support.fake_partner import FakePartner


def build_orders(count: int, *, per_customer: int = 5) -> list[UpgradeOrder]:
    """Build upgrades of customers with `per_customer` subscriptions each."""
    return [
        UpgradeOrder(
            SubscriptionKey(f"customer-{number // per_customer}", f"subscription-{number}"),
            "offer-1",
            UpgradeType.UPGRADE_ONLY,
        )
        for number in range(count)
    ]


async def measure(lines: int) -> BenchReport:
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="batches-") as folder:
        timeouts = StoreTimeouts.from_setting(1.0)
        store = build_store(f"sqlite:///{folder}/operations.db", timeouts)
        engine = OperationRuntime(
            store, FakePartner(clock), clock, lines_at_once=16, timeouts=timeouts
        )
        await engine.start()
        batches = BatchService(engine, "principal-1", Policy())
        size_mib = _peak_mib()
        started_at = time.perf_counter()
        submitted = await batches.submit(build_orders(lines), "key-1")
        recorded = time.perf_counter()
        ended = await batches.wait_for_outcome(submitted.id, 3600)
        finished = time.perf_counter()
        await batches.find(submitted.id)
        read = time.perf_counter()
        grown_mib = _peak_mib() - size_mib
        await engine.stop(grace_s=5)
    assert ended.counts.done == lines, ended.counts
    row: dict[str, Figure] = {
        "lines": str(lines),
        "recorded in ms": 1000 * (recorded - started_at),
        "then lines/s": lines / (finished - recorded),
        "read in ms": 1000 * (read - finished),
        "grown by MiB": grown_mib,
    }
    return BenchReport("one batch on SQLite", [row])


def _peak_mib() -> float:
    """Return the peak memory of this process; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure as args."""
    logs.configure("warning")
    parser = build_parser(__doc__)
    parser.add_argument("--lines", type=int, default=5_000)
    args = parser.parse_args()
    publish([asyncio.run(measure(args.lines))], args)


if __name__ == "__main__":
    main()
