"""What is written down of a batch: all of its lines at once, and in the end how each ended.

A line becomes an operation when its turn comes. Until then the batch is its record, and from the
batch alone its operation's id, key and request id follow; so a batch is recorded by one write.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.operations.model.record import (
    OperationRecord,
    Policy,
    StoredStruct,
    hash_json,
    hash_order,
    operation_id,
)
from resolvers.orders import UpgradeOrder
from schema.operation import OperationState

FINAL_STATES = frozenset(OperationState) - {
    OperationState.QUEUED,
    OperationState.RUNNING,
    OperationState.WAITING,
    OperationState.UNKNOWN,
}


class BatchRecord(StoredStruct, frozen=True, kw_only=True):
    """The input of a batch.

    Attributes:
        payload_hash: of the lines in their order; tells another payload under the same key.
        lines: the orders, as `Record.payload` holds one.
        request_seed: what the request ids of the lines are made of.
    """

    id: str
    principal: str
    idempotency_key: str
    payload_hash: str
    lines: tuple[dict[str, Any], ...]
    request_seed: str
    created_at: float
    policy: Policy = Policy()

    def order(self, number: int) -> UpgradeOrder:
        """Return what a line orders; numbers are from 1 on."""
        return msgspec.convert(self.lines[number - 1], UpgradeOrder)

    def line(self, number: int, created_at: float) -> OperationRecord:
        """Make the operation of a line: the same one each time, but for when it is begun."""
        order = self.order(number)
        return OperationRecord(
            id=line_id(self.id, number),
            principal=self.principal,
            idempotency_key=f"{self.idempotency_key}#{number}",
            kind=order.kind,
            payload=self.lines[number - 1],
            payload_hash=hash_order(order),
            request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.request_seed}/{number}")),
            created_at=created_at,
            policy=self.policy,
            batch_id=self.id,
        )


class BatchResult(StoredStruct, frozen=True, kw_only=True):
    """The output of a batch.

    Attributes:
        states: how each line ended, in order.
    """

    at: float
    states: tuple[OperationState, ...]


class BatchCancellation(StoredStruct, frozen=True, kw_only=True):
    """Somebody wanted nothing more of a batch to be sent."""

    batch_id: str
    principal: str
    at: float


def create_batch(
    orders: Sequence[UpgradeOrder],
    principal: str,
    idempotency_key: str,
    *,
    request_seed: str,
    now: float,
    policy: Policy,
) -> BatchRecord:
    """Make the record of many orders. It shares the keys of operations: one stands for one."""
    return BatchRecord(
        id=operation_id(principal, idempotency_key),
        principal=principal,
        idempotency_key=idempotency_key,
        payload_hash=hash_json([hash_order(order) for order in orders]),
        lines=tuple(msgspec.to_builtins(order) for order in orders),
        request_seed=request_seed,
        created_at=now,
        policy=policy,
    )


def line_id(batch_id: str, number: int) -> str:
    """Name the operation of a line."""
    return f"{batch_id}.{number}"


def parse_line_number(operation_id: str) -> tuple[str, int] | None:
    """Return the batch and the number of a line's operation; None for another operation."""
    batch_id, _, number = operation_id.partition(".")
    if not number.isascii() or not number.isdecimal():
        return None
    return batch_id, int(number)
