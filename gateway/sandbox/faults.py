"""Faults on demand: what they do, to which calls, and how often."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from gateway.sandbox.operations import OPERATION_NAMES
from gateway.sandbox.parsing import parse_object


class FaultKind(StrEnum):
    """The effect of a fault on a call."""

    LATENCY = "latency"
    """Waits for `seconds` before the operation runs."""
    SLOW_ANSWER = "slow-answer"
    """Runs the operation, then waits for `seconds` before the response."""
    HOLD = "hold"
    """Waits before the operation runs, until the calls are released."""
    THROTTLED = "throttled"
    """Responds 429. Retry-After is `retry_after` (seconds or a date), else `seconds`."""
    STATUS = "status"
    """Responds `status` with an error body of `code` and `text`; the operation does not run."""
    PLAIN_TEXT = "plain-text"
    """Responds `status` with `text` as plain text."""
    CUT_BEFORE = "cut-before"
    """Closes the connection; the operation does not run."""
    CUT_AFTER = "cut-after"
    """Runs the operation, then closes the connection without a response."""
    TRUNCATED_LENGTH = "truncated-length"
    """Closes the connection in the middle of the body."""
    TRUNCATED_JSON = "truncated-json"
    """Sends a complete HTTP response with the first half of its JSON."""
    MALFORMED = "malformed"
    """Sends a web page in place of the JSON body, with the status unchanged."""
    TRICKLE = "trickle"
    """Sends the body in pieces over `seconds`."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - the name of a fault
    """Responds 401, as for an expired token."""
    AUDIENCE_REFUSED = "audience-refused"
    """Responds 401 with code 900420."""
    MFA_MISSING = "mfa-missing"
    """Responds 401 with code 900421."""
    APP_ONLY_REFUSED = "app-only-refused"
    """Responds 403 with code 900329."""
    MFA_PLAIN_TEXT = "mfa-plain-text"
    """Responds 401 with the plain text that the vendor sent in 2020."""
    TOKEN_ERROR = "token-error"  # noqa: S105 - the name of a fault
    """Responds 400 with `text` (default `invalid_grant`) as the OAuth error."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for calls with this `operation`, `customer_id` and `subscription_id`; None means any.

    The fault skips the first `skip` matching calls, then affects `times` calls, or all if `times`
    is None: `skip=2, times=1` affects the third call only.
    """

    kind: FaultKind
    operation: str | None = None
    customer_id: str | None = None
    subscription_id: str | None = None
    skip: int = 0
    times: int | None = 1
    seconds: float = 1.0
    status: int = 500
    code: int = 800003
    text: str | None = None
    retry_after: str | None = None

    def __post_init__(self) -> None:
        if self.operation is not None and self.operation not in OPERATION_NAMES:
            known = ", ".join(sorted(OPERATION_NAMES))
            raise ValueError(f"unknown operation '{self.operation}'; expected one of {known}")

    @classmethod
    def from_json(cls, body: object) -> "Fault":
        """Parse a fault in the JSON of the control API. Raises ValueError if it is invalid."""
        kind = body.get("kind") if isinstance(body, Mapping) else None
        if isinstance(body, Mapping) and kind not in set(FaultKind):
            raise ValueError(f"unknown kind '{kind}'; expected one of {', '.join(FaultKind)}")
        return parse_object(body, cls)


@dataclass(frozen=True, slots=True)
class Target:
    """The properties of a call that decide which faults affect it."""

    operation: str
    customer_id: str | None = None
    subscription_id: str | None = None


@dataclass(slots=True)
class _ScriptedFault:
    fault: Fault
    seen: int = 0

    @property
    def is_spent(self) -> bool:
        times = self.fault.times
        return times is not None and self.seen >= self.fault.skip + times

    def count_match(self, target: Target) -> bool:
        """Count the call if the fault matches it. Returns whether the fault affects it."""
        if self.is_spent or not _matches(self.fault, target):
            return False
        self.seen += 1
        return self.seen > self.fault.skip


@dataclass(slots=True)
class FaultScript:
    """The pending faults, in the order in which they were added."""

    _scripted: list[_ScriptedFault] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the calls held so far are released, and then replaced."""

    def add(self, *faults: Fault) -> None:
        """Append faults. Several faults can affect one call."""
        self._scripted.extend(_ScriptedFault(fault) for fault in faults)

    def clear(self) -> None:
        """Remove all faults and release the held calls."""
        self._scripted.clear()
        self.release()

    def release(self) -> None:
        """Release the held calls, and remove the faults that hold calls."""
        self._scripted = [
            scripted for scripted in self._scripted if scripted.fault.kind is not FaultKind.HOLD
        ]
        self._released.set()
        self._released = asyncio.Event()

    def take(self, target: Target) -> "MatchedFaults":
        """Return the faults that affect this call. Those that are used up are removed."""
        faults = tuple(
            scripted.fault for scripted in self._scripted if scripted.count_match(target)
        )
        matched_faults = MatchedFaults(faults, self._released)
        if matched_faults.faults:
            self._scripted = [scripted for scripted in self._scripted if not scripted.is_spent]
        return matched_faults

    def to_json(self) -> list[dict[str, Any]]:
        """Return the pending faults. `seen` is the number of matching calls so far."""
        return [{**asdict(scripted.fault), "seen": scripted.seen} for scripted in self._scripted]

    def __len__(self) -> int:
        return len(self._scripted)


@dataclass(frozen=True, slots=True)
class MatchedFaults:
    """The faults that affect one call."""

    faults: tuple[Fault, ...]
    released: asyncio.Event
    """Set when held calls are released."""

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def find_first(self, *kinds: FaultKind) -> Fault | None:
        """Return the first fault that is of one of these kinds; None if there is none."""
        return next((fault for fault in self.faults if fault.kind in kinds), None)

    def total_seconds(self, kind: FaultKind) -> float:
        """Return the total delay of the faults of this kind, in seconds."""
        return sum(fault.seconds for fault in self.faults if fault.kind is kind)


ERRORS_BY_KIND: Final = {
    FaultKind.TOKEN_EXPIRED: (401, 400, "Access denied: the token has expired."),
    FaultKind.AUDIENCE_REFUSED: (401, 900420, "The token audience is no longer accepted."),
    FaultKind.MFA_MISSING: (401, 900421, "The token has no multi-factor authentication claim."),
    FaultKind.APP_ONLY_REFUSED: (403, 900329, "App-only tokens are not supported."),
}


def _matches(fault: Fault, target: Target) -> bool:
    pairs = (
        (fault.operation, target.operation),
        (fault.customer_id, target.customer_id),
        (fault.subscription_id, target.subscription_id),
    )
    return all(
        expected is None or expected.lower() == (actual or "").lower() for expected, actual in pairs
    )
