"""Batches over a pretended vendor and a real store: how tests make them and wait for them."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from gateway.operations.batch_service import BatchService
from gateway.operations.model.record import OperationRecord, Policy
from gateway.operations.operation_service import OperationService
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from resolvers.orders import ProductUpgradeOrder, TransitionOrder, UpgradeOrder
from schema.batch import BatchState, UpgradeBatch, UpgradeBatchLine
from schema.keys import BatchLinesKey, ProductUpgradeKey, SubscriptionKey
from schema.transition import TransitionType
from schema.upgrade import UpgradeType
from tests.support.canned_results import SendFate
from tests.support.clock import ManualClock
from tests.support.fake_partner import FakePartner, subscription_of
from tests.support.waiting import HANG_TIMEOUT_S, LONG_TIMEOUTS, eventually


@contextlib.asynccontextmanager
async def running(database_url: str, market: FakePartner) -> AsyncIterator[OperationRuntime]:
    store = build_store(database_url, LONG_TIMEOUTS)
    engine = OperationRuntime(store, market, market.clock, lines_at_once=4, timeouts=LONG_TIMEOUTS)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(grace_s=HANG_TIMEOUT_S)


def batches_of(engine: OperationRuntime, principal: str = "somebody") -> BatchService:
    return BatchService(engine, principal, Policy())


def operations_of(engine: OperationRuntime, principal: str = "somebody") -> OperationService:
    return OperationService(engine, principal, Policy())


def order(customer: str, subscription: str) -> UpgradeOrder:
    return UpgradeOrder(
        SubscriptionKey(customer, subscription), "offer-1", UpgradeType.UPGRADE_ONLY
    )


def orders(*customers: str) -> list[UpgradeOrder]:
    """One line for each name of a customer, whose subscriptions are numbered."""
    return [
        order(customer, f"{customer}-{customers[:index].count(customer) + 1}")
        for index, customer in enumerate(customers)
    ]


def transition(customer: str, subscription: str) -> TransitionOrder:
    return TransitionOrder(
        SubscriptionKey(customer, subscription), "a:b:c", 1, TransitionType.TRANSITION_ONLY
    )


def product_upgrade(customer: str) -> ProductUpgradeOrder:
    return ProductUpgradeOrder(ProductUpgradeKey(customer, "azure"))


async def until(
    batches: BatchService, batch: UpgradeBatch, is_so: Callable[[UpgradeBatch], bool]
) -> UpgradeBatch:
    """Wait until a batch is as it should come to be."""
    found = await eventually(
        lambda: batches.find(batch.id), lambda found: found is not None and is_so(found)
    )
    assert found is not None
    return found


async def held(
    clock: ManualClock, batches: BatchService, batch: UpgradeBatch, *, waiting: int, done: int
) -> UpgradeBatch:
    """Wait until so many lines sleep by the clock and so many are done."""

    def is_so(found: UpgradeBatch) -> bool:
        return (found.counts.waiting, found.counts.done, clock.sleeper_count) == (
            waiting,
            done,
            waiting,
        )

    return await until(batches, batch, is_so)


async def final(clock: ManualClock, batches: BatchService, batch: UpgradeBatch) -> UpgradeBatch:
    """Let time pass until every line has ended; after a restart some wait for others to begin."""

    def is_final(found: UpgradeBatch) -> bool:
        clock.advance(60)
        return found.state in {BatchState.COMPLETED, BatchState.CANCELLED}

    return await until(batches, batch, is_final)


async def lines_of(batches: BatchService, batch: UpgradeBatch) -> Sequence[UpgradeBatchLine]:
    return (await batches.list_lines(BatchLinesKey(batch.id, 100))).lines


def throttled_once(*subscriptions: str) -> Callable[[OperationRecord], SendFate]:
    """A fate: the first sending of each is answered by 429 with Retry-After: 57."""
    left = set(subscriptions)

    def fate(record: OperationRecord) -> SendFate:
        if subscription_of(record) in left:
            left.discard(subscription_of(record))
            return SendFate.THROTTLED
        return SendFate.DONE

    return fate
