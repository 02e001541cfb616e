"""How large a body may be, and how long it may take to come."""

from dataclasses import dataclass
from typing import Self

from gateway.limits.limit import Limit
from gateway.settings import LimitNumbers


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The bounds of a body.

    Attributes:
        size: of a body, or of a WebSocket message, from whoever only reads.
        changing_size: of a body from who may change something: batches are long.
        within_s: in which the whole of it has to come.
    """

    size: Limit
    mutation_size: Limit
    timeout_s: float

    @classmethod
    def from_settings(cls, numbers: LimitNumbers, *, reveal_values: bool) -> Self:
        """Take the bounds from the numbers; refusals tell them if they may."""
        longest = max(numbers.max_batch_bytes, numbers.max_body_bytes)
        return cls(
            Limit("body_bytes", numbers.max_body_bytes, reveal_values),
            Limit("body_bytes", longest, reveal_values),
            numbers.body_within_s,
        )
