"""Limits for the size of a request body, and for the time in which it arrives."""

from dataclasses import dataclass
from typing import Self

from gateway.limits.limit import Limit
from gateway.settings import LimitNumbers


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The limits for one body.

    Attributes:
        size: the limit for bodies and WebSocket messages of callers that may only read.
        mutation_size: the limit for callers that may send mutations, whose batches can be large.
        timeout_s: seconds in which the whole body must arrive.
    """

    size: Limit
    mutation_size: Limit
    timeout_s: float

    @classmethod
    def from_settings(cls, numbers: LimitNumbers, *, reveal_values: bool) -> Self:
        largest = max(numbers.max_batch_bytes, numbers.max_body_bytes)
        return cls(
            Limit("body_bytes", numbers.max_body_bytes, reveal_values, "bytes"),
            Limit("body_bytes", largest, reveal_values, "bytes"),
            numbers.body_within_s,
        )
