"""Faults on demand: which calls they hit, how often, and what they do."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from gateway.sandbox.operations import OPERATION_NAMES
from gateway.sandbox.parsing import parse_object


class FaultKind(StrEnum):
    """What happens to a call."""

    LATENCY = "latency"
    """The work waits for `seconds`."""
    SLOW_ANSWER = "slow-answer"
    """The work is done at once, its answer waits for `seconds`."""
    HOLD = "hold"
    """The work waits until it is released."""
    THROTTLED = "throttled"
    """429, with `retry_after` (seconds or a date) or `seconds` as Retry-After."""
    STATUS = "status"
    """`status` with a fault of `code` and `text` in place of the work."""
    PLAIN_TEXT = "plain-text"
    """`status` with `text` that is not JSON."""
    CUT_BEFORE = "cut-before"
    """The connection breaks and nothing was done."""
    CUT_AFTER = "cut-after"
    """The work is done, then the connection breaks without an answer."""
    TRUNCATED_LENGTH = "truncated-length"
    """The connection breaks in the middle of the body."""
    TRUNCATED_JSON = "truncated-json"
    """The answer is complete as HTTP, its JSON is cut in the middle."""
    MALFORMED = "malformed"
    """The body of a 200 is a web page."""
    TRICKLE = "trickle"
    """The body arrives in pieces over `seconds`."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - the name of a fault
    """401, as for a token that has expired."""
    AUDIENCE_REFUSED = "audience-refused"
    """401 900420."""
    MFA_MISSING = "mfa-missing"
    """401 900421."""
    APP_ONLY_REFUSED = "app-only-refused"
    """403 900329."""
    MFA_PLAIN_TEXT = "mfa-plain-text"
    """401 with the text of 2020."""
    TOKEN_ERROR = "token-error"  # noqa: S105 - the name of a fault
    """400 of the token endpoint, `text` its `error` (`invalid_grant` unless told otherwise)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a script; a call is hit when it fits every member that is not None.

    `skip` matching calls pass, then `times` are hit, every one when it is None: the third call
    alone is `skip=2, times=1`.
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
        """Refuse operations that do not exist, which would never be hit."""
        if self.operation is not None and self.operation not in OPERATION_NAMES:
            known = ", ".join(sorted(OPERATION_NAMES))
            raise ValueError(f"unknown operation '{self.operation}'; known are {known}")

    @classmethod
    def from_json(cls, body: object) -> "Fault":
        """Read a fault from the control address; raises ValueError that says what is wrong."""
        kind = body.get("kind") if isinstance(body, Mapping) else None
        if isinstance(body, Mapping) and kind not in set(FaultKind):
            raise ValueError(f"unknown kind '{kind}'; known are {', '.join(FaultKind)}")
        return parse_object(body, cls)


@dataclass(frozen=True, slots=True)
class Target:
    """A call as faults see it."""

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
        """Count the call if it fits; whether it is hit."""
        if self.is_spent or not _matches(self.fault, target):
            return False
        self.seen += 1
        return self.seen > self.fault.skip


@dataclass(slots=True)
class FaultScript:
    """The faults that are still to come, in the order in which they were added."""

    _scripted: list[_ScriptedFault] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once, for the calls held so far; those to come wait for its successor."""

    def add(self, *faults: Fault) -> None:
        """Append faults; a call can be hit by several."""
        self._scripted.extend(_ScriptedFault(fault) for fault in faults)

    def clear(self) -> None:
        """Drop every fault; calls that one of them holds go on."""
        self._scripted.clear()
        self.release()

    def release(self) -> None:
        """Let the held calls go on, and hold no more."""
        self._scripted = [
            scripted for scripted in self._scripted if scripted.fault.kind is not FaultKind.HOLD
        ]
        self._released.set()
        self._released = asyncio.Event()

    def take(self, target: Target) -> "MatchedFaults":
        """The faults that hit this call, which are used up by it."""
        faults = tuple(
            scripted.fault for scripted in self._scripted if scripted.count_match(target)
        )
        matched_faults = MatchedFaults(faults, self._released)
        if matched_faults.faults:
            self._scripted = [scripted for scripted in self._scripted if not scripted.is_spent]
        return matched_faults

    def to_json(self) -> list[dict[str, Any]]:
        """The script as the control address shows it, with how many calls each has seen."""
        return [{**asdict(scripted.fault), "seen": scripted.seen} for scripted in self._scripted]

    def __len__(self) -> int:
        return len(self._scripted)


@dataclass(frozen=True, slots=True)
class MatchedFaults:
    """The faults of one call."""

    faults: tuple[Fault, ...]
    released: asyncio.Event
    """Set when a call that is held may go on."""

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def find_first(self, *kinds: FaultKind) -> Fault | None:
        """The first fault of one of the kinds."""
        return next((fault for fault in self.faults if fault.kind in kinds), None)

    def total_seconds(self, kind: FaultKind) -> float:
        """How long the faults of the kind take together."""
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
