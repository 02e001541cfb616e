"""How hard the vendor may be pressed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.errors import MAX_RETRY_AFTER_S
from gateway.upstream.rate_limits import WindowLimit


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """The bounds of each call, and of all calls of a process together.

    Attributes:
        max_in_flight: calls at the same time, over all requests.
        max_attempts: sends of one read, the first included.
        attempt_timeout_s: longest wait for one answer, so that a silence leaves time for another.
        write_timeout_s: longest wait for the answer to a write, which is not sent again lightly.
        write_patience_s: longest pause of a scope that a write sits out in the queue.
        write_hold_s: how long a write keeps its turn before it is sent.
        max_retry_after_s: longest wait that the vendor may ask for.
        limits: calls beyond which the vendor is known to refuse, and none is sent.
    """

    max_in_flight: int = 32
    max_attempts: int = 4
    attempt_timeout_s: float = 20.0
    write_timeout_s: float = 60.0
    write_queue_timeout_s: float = 1.0
    write_hold_s: float = 5.0
    max_retry_after_s: float = MAX_RETRY_AFTER_S
    rate_limits: Mapping[UpstreamBucket, WindowLimit] = field(default_factory=dict)
