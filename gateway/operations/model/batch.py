"""The stored structs of a batch: its record, result and cancellation.

A batch is recorded in one write with all its lines. A line becomes an operation when it starts; the
id, key and request id of that operation follow from the batch.
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
    policy_for,
)
from resolvers.orders import Order, decode_order
from schema.operation import OperationState
from schema.operation_kind import OperationKind

FINAL_STATES = frozenset(OperationState) - {
    OperationState.QUEUED,
    OperationState.RUNNING,
    OperationState.WAITING,
    OperationState.UNKNOWN,
}


class BatchRecord(StoredStruct, frozen=True, kw_only=True):
    """The stored input of a batch.

    Attributes:
        payload_hash: the hash of the lines in their order. A request with the same key but another
            hash is rejected.
        lines: orders, each as in `OperationRecord.payload`.
        kinds: the kind of each line.
        request_seed: the seed of the request ids of the lines.
    """

    id: str
    principal: str
    idempotency_key: str
    payload_hash: str
    lines: tuple[dict[str, Any], ...]
    request_seed: str
    created_at: float
    policy: Policy = Policy()
    # Batches of version 0.1.0 have only license upgrades, and no kinds.
    kinds: tuple[str, ...] = ()

    def order(self, number: int) -> Order:
        """Return the order of a line; numbers start at 1."""
        kind = self.kinds[number - 1] if self.kinds else OperationKind.UPGRADE_SUBSCRIPTION.name
        return decode_order(kind, self.lines[number - 1])

    def line(self, number: int, created_at: float) -> OperationRecord:
        """Return the record of a line's operation; only `created_at` may differ between calls."""
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
            policy=policy_for(order, self.policy),
            batch_id=self.id,
        )


class BatchResult(StoredStruct, frozen=True, kw_only=True):
    """The result of a batch.

    Attributes:
        states: the final state of each line, in order.
    """

    at: float
    states: tuple[OperationState, ...]


class BatchCancellation(StoredStruct, frozen=True, kw_only=True):
    """A principal's request that no more lines of a batch start."""

    batch_id: str
    principal: str
    at: float


def create_batch(
    orders: Sequence[Order],
    principal: str,
    idempotency_key: str,
    *,
    request_seed: str,
    now: float,
    policy: Policy,
) -> BatchRecord:
    """Create the record of a batch. Its idempotency key must differ from those of operations."""
    return BatchRecord(
        id=operation_id(principal, idempotency_key),
        principal=principal,
        idempotency_key=idempotency_key,
        payload_hash=hash_json([hash_order(order) for order in orders]),
        lines=tuple(msgspec.to_builtins(order) for order in orders),
        request_seed=request_seed,
        created_at=now,
        policy=policy,
        kinds=tuple(order.kind for order in orders),
    )


def line_id(batch_id: str, number: int) -> str:
    return f"{batch_id}.{number}"


def parse_line_number(operation_id: str) -> tuple[str, int] | None:
    """Return the batch id and the line's number; None if the operation is not a line."""
    batch_id, _, number = operation_id.partition(".")
    if not number.isascii() or not number.isdecimal():
        return None
    return batch_id, int(number)
