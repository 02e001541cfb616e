"""Operation stores, and SQL on their databases."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import psycopg

from gateway.operations.model.batch import BatchRecord, create_batch
from gateway.operations.model.record import OperationRecord, Policy, create_record
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from gateway.operations.store.sql import SqlOperationStore
from resolvers.orders import TransitionOrder
from schema.keys import SubscriptionKey
from schema.transition import TransitionType
from tests.support.fake_partner import ORDER
from tests.support.waiting import LONG_TIMEOUTS


@contextlib.asynccontextmanager
async def open_store(
    url: str, timeouts: StoreTimeouts = LONG_TIMEOUTS
) -> AsyncIterator[SqlOperationStore]:
    """Open a store, as another process would."""
    store = build_store(url, timeouts)
    try:
        await store.open()
        yield store
    finally:
        await store.close()


def make_record(
    key: str,
    *,
    principal: str = "somebody",
    customer: str = "customer-1",
    subscription: str = "subscription-1",
    at: float = 1000.0,
) -> OperationRecord:
    order = replace(ORDER, source=SubscriptionKey(customer, subscription))
    return create_record(order, principal, key, request_id=f"of-{key}", now=at, policy=Policy())


def make_transition(key: str, *, at: float) -> OperationRecord:
    order = TransitionOrder(
        source=SubscriptionKey("customer-1", "subscription-2"),
        to_catalog_item_id="a:b:c",
        quantity=1,
        transition_type=TransitionType.TRANSITION_ONLY,
    )
    return create_record(order, "somebody", key, request_id=f"of-{key}", now=at, policy=Policy())


def make_batch(key: str, *, principal: str = "somebody", lines: int = 2) -> BatchRecord:
    orders = [
        replace(ORDER, source=SubscriptionKey("customer-1", f"subscription-{number}"))
        for number in range(lines)
    ]
    return create_batch(orders, principal, key, request_seed="seed", now=1000.0, policy=Policy())


def execute_sql(url: str, statement: str) -> list[Any]:
    """Execute a statement with `{s}` for the schema, and return its rows."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(statement.format(s="upgrade_gateway.").encode())
            return found.fetchall() if found.description else []
    path = url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        return file.execute(statement.format(s="")).fetchall()
