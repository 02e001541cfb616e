"""The stored input of an operation. Its steps are in `steps.py`.

Stored structs outlive the code that wrote them: members are only added, with defaults. None
contains a token.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from resolvers.orders import Order, decode_order

_EPOCH = datetime.fromtimestamp(0, UTC)


class StoredStruct(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is stored as JSON."""


class Policy(StoredStruct, frozen=True, kw_only=True):
    """The time limits of an operation.

    Attributes:
        idempotency_window_s: how long the vendor recognizes a request id, counted from the first
            attempt.
        retry_timeout_s: how long sending is retried, counted from when the operation was recorded.
        initial_backoff_s: the delay before the second attempt; it doubles with each attempt.
    """

    # The names in stored records are those of version 0.1.0.
    idempotency_window_s: float = msgspec.field(default=600.0, name="trust_s")
    retry_timeout_s: float = msgspec.field(default=3600.0, name="give_up_s")
    initial_backoff_s: float = msgspec.field(default=1.0, name="first_pause_s")


class OperationRecord(StoredStruct, frozen=True, kw_only=True):
    """The input of an operation. It is stored before anything is sent.

    Attributes:
        principal: the caller that owns the operation, and in whose name the order is sent.
        kind: the kind of the order: the name of an `OperationKind`.
        payload: the order as JSON.
        payload_hash: the hash of the order. A request with the same key but another hash is
            rejected.
        request_id: `MS-RequestId` of all attempts (CONTRACT 3.2).
        created_at: seconds since the epoch.
        policy: the time limits when the operation was recorded; a restart does not change them.
        batch_id: the batch, if the operation is a line of one.
    """

    id: str
    principal: str
    idempotency_key: str
    kind: str
    payload: dict[str, Any]
    payload_hash: str
    request_id: str
    created_at: float
    policy: Policy = Policy()
    batch_id: str | None = None

    @property
    def order(self) -> Order:
        return decode_order(self.kind, self.payload)

    @property
    def subject(self) -> str:
        return self.order.subject


def create_record(
    order: Order,
    principal: str,
    idempotency_key: str,
    *,
    request_id: str,
    now: float,
    policy: Policy,
) -> OperationRecord:
    return OperationRecord(
        id=operation_id(principal, idempotency_key),
        principal=principal,
        idempotency_key=idempotency_key,
        kind=order.kind,
        payload=msgspec.to_builtins(order),
        payload_hash=hash_order(order),
        request_id=request_id,
        created_at=now,
        policy=policy_for(order, policy),
    )


def policy_for(order: Order, policy: Policy) -> Policy:
    """Return the time limits of an order. There is no idempotency window if it may be repeated."""
    if not order.is_repeatable:
        return policy
    return msgspec.structs.replace(policy, idempotency_window_s=policy.retry_timeout_s)


def operation_id(principal: str, idempotency_key: str) -> str:
    """Derive the id of an operation from its principal and key. The derivation never changes."""
    key = hashlib.blake2b(idempotency_key.encode(), digest_size=16).hexdigest()
    return f"{principal_prefix(principal)}{key}"


def principal_prefix(principal: str) -> str:
    """Return the prefix of the ids of a principal's operations and batches."""
    return hashlib.blake2b(principal.encode(), digest_size=8).hexdigest() + "-"


def to_microseconds(created_at: float) -> int:
    """Convert a creation time to the precision in which operations are sorted and shown."""
    return datetime_to_microseconds(datetime.fromtimestamp(created_at, UTC))


def datetime_to_microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def hash_order(order: Order) -> str:
    """Return a digest of an order that ignores letter case, as the vendor does for ids (Q19)."""
    members = msgspec.to_builtins(order)
    members.pop("preview", None)
    return hash_json([order.kind, members])


def hash_json(members: list[Any]) -> str:
    text = msgspec.json.encode(members, order="sorted").lower()
    return hashlib.blake2b(text, digest_size=16).hexdigest()
