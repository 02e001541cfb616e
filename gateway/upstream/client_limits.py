"""Limits that the client puts on its own calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.errors import MAX_RETRY_AFTER_S
from gateway.upstream.rate_limits import WindowLimit


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits of single calls, and of all calls of a process together.

    Attributes:
        max_in_flight: calls at the same time, of all requests.
        max_attempts: attempts of one read, including the first.
        attempt_timeout_s: how long one attempt of a read may take; shorter than a request's
            deadline, so that there is time for another attempt.
        write_timeout_s: how long a write may take; longer, because its outcome is unknown after it.
        write_queue_timeout_s: the longest pause of a rate limit that a write waits for.
        write_hold_s: how long a write may hold its slot before it is sent.
        max_retry_after_s: the longest `Retry-After` that is followed; longer ones are shortened to
            it.
        rate_limits: the limits that are known in advance; all others are learned from 429.
    """

    max_in_flight: int = 32
    max_attempts: int = 4
    attempt_timeout_s: float = 20.0
    write_timeout_s: float = 60.0
    write_queue_timeout_s: float = 1.0
    write_hold_s: float = 5.0
    max_retry_after_s: float = MAX_RETRY_AFTER_S
    rate_limits: Mapping[UpstreamBucket, WindowLimit] = field(default_factory=dict)
