"""The faults of a run, and how often they occur, drawn from the seed.

Each seed enables some kinds of faults and disables others, so that rare combinations occur and no
fault always hides another. Faults begin at random times, or are triggered when a process reaches
a point for the nth time, for example when an announcement is stored. All faults end when the
simulation heals.
"""

import enum
from dataclasses import dataclass, field
from random import Random
from typing import Final, Self

FAULTS_S: Final = 60.0
"""Faults begin only within this time."""
RESPONSE_TIMEOUT_S: Final = 8.0
"""How long a process waits for a response of the vendor."""
MAX_LATENESS_S: Final = 12.0
"""How long after that timeout a late request may take effect."""


class PostFate(enum.StrEnum):
    """The fate of a POST."""

    DONE = "done"
    THROTTLED = "throttled"
    REFUSED = "refused"
    TOKEN_REFUSED = "token refused"
    NEVER_SENT = "never sent"
    REQUEST_LOST = "request lost"
    RESPONSE_LOST = "response lost"
    LATE = "late"
    DUPLICATED = "duplicated"
    LICENSE_ERRORS = "license errors"


class FaultKind(enum.StrEnum):
    """Faults of a machine, or of the store or vendor for all machines."""

    CRASH = "crash"
    SUSPEND = "suspend"
    STORE_UNREACHABLE = "store unreachable"
    STORE_HANGS = "store hangs"
    RESTART = "restart"
    STORE_DOWN = "store down"
    STORE_READ_ONLY = "store read only"
    STORE_SLOW = "store slow"
    SET_CLOCK = "set clock"
    VENDOR_DOWN = "vendor down"
    DROP_TOKENS = "drop tokens"


PROCESS_FAULTS: Final = (
    FaultKind.CRASH,
    FaultKind.CRASH,
    FaultKind.SUSPEND,
    FaultKind.SUSPEND,
    FaultKind.STORE_UNREACHABLE,
    FaultKind.STORE_HANGS,
    FaultKind.RESTART,
)
STORE_FAULTS: Final = (FaultKind.STORE_DOWN, FaultKind.STORE_READ_ONLY, FaultKind.STORE_SLOW)
CLOCK_FAULTS: Final = (FaultKind.SET_CLOCK,)
OTHER_FAULTS: Final = (FaultKind.VENDOR_DOWN, FaultKind.DROP_TOKENS)
POINTS: Final = (
    "record stored",
    "batch stored",
    "subject stored",
    "check sent",
    "check stored",
    "slot wanted",
    "slot held",
    "post left",
    "post done",
    "credit stored",
    "send sent",
    "send stored",
    "look stored",
    "wait stored",
    "announce stored",
    "finish sent",
    "finish stored",
    "finish batch sent",
    "take over stored",
    "cancel stored",
)
FATES: Final = tuple(fate for fate in PostFate if fate is not PostFate.DONE)


@dataclass(frozen=True, slots=True)
class TransactionFate:
    """How a transaction ends.

    Attributes:
        delay_s: time until it executes.
        response_s: time from then until its response.
        error: why it fails without effect; None if it does not.
        is_response_lost: the commit gets no response; `is_committed` says whether it happened.
        commit_delay_s: time from the failure until the commit, if it happens.
        survives_process: it executes even if its process is killed or suspended meanwhile.
        survives_cancellation: it executes even if its task is cancelled meanwhile.
    """

    delay_s: float
    response_s: float
    error: str | None = None
    is_response_lost: bool = False
    is_committed: bool = True
    commit_delay_s: float = 0.0
    survives_process: bool = True
    survives_cancellation: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one machine, or of everything.

    Attributes:
        target: the number of the machine.
    """

    kind: FaultKind
    target: int
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """A fault of the process that reaches a point for the nth time.

    Attributes:
        count: n, from 1, over all processes.
    """

    point: str
    count: int
    fault: Fault


@dataclass(slots=True)
class Scenario:
    """The conditions of one seed. Failures are probabilities.

    Attributes:
        processes: number of gateways that share the store.
        detects_dead_processes: the operating system reports which processes have ended.
        idempotency_window_s: the setting of the gateways.
        request_ids_known_s: how long the vendor really recognizes a request id.
        keeps_sources_active: subscriptions stay active after their upgrade, so that neither the
            status nor the quantity prevents a second one.
        needs_caller_tokens: gateways have only the tokens of callers who sent a request.
        store_failure: a transaction fails without effect.
        response_loss: a commit gets no response.
        max_store_latency_s: of a transaction without faults.
        fates: of POSTs that fail.
        post_failure: a POST meets one of `fates`.
        read_failure: a read at the vendor fails.
        plan: faults, with the times at which they begin.
    """

    processes: int
    detects_dead_processes: bool
    idempotency_window_s: float
    request_ids_known_s: float
    keeps_sources_active: bool
    needs_caller_tokens: bool
    store_failure: float
    response_loss: float
    max_store_latency_s: float
    fates: tuple[PostFate, ...]
    post_failure: float
    read_failure: float
    plan: tuple[tuple[float, Fault], ...] = ()
    triggers: tuple[Trigger, ...] = ()

    @property
    def deduplicates_posts(self) -> bool:
        """Whether the vendor recognizes request ids until the end of the run."""
        return self.request_ids_known_s > FAULTS_S * 10

    @classmethod
    def draw(cls, random: Random) -> Self:
        is_trusted = random.random() < 0.6
        window_s = random.choice((0.0, 30.0, 30.0))
        some = [fate for fate in FATES if random.random() < 0.4]
        hopeless = _undecidable_fates(is_trusted=is_trusted, has_window=window_s > 0)
        some = [fate for fate in some if fate not in hopeless]
        scenario = cls(
            processes=random.choice((1, 2, 2, 3)),
            detects_dead_processes=random.random() < 0.4,
            idempotency_window_s=window_s,
            request_ids_known_s=1e9 if is_trusted else random.choice((0.0, 3.0, 20.0)),
            keeps_sources_active=random.random() < 0.4,
            needs_caller_tokens=random.random() < 0.3,
            store_failure=random.choice((0.0, 0.0, 0.03, 0.2)),
            response_loss=random.choice((0.0, 0.0, 0.03, 0.15)),
            max_store_latency_s=random.choice((0.0, 0.02, 0.02, 0.5)),
            fates=tuple(some),
            post_failure=random.choice((0.0, 0.2, 0.5, 0.8)) if some else 0.0,
            read_failure=random.choice((0.0, 0.0, 0.1, 0.4)),
        )
        everything = (*PROCESS_FAULTS, *STORE_FAULTS, *CLOCK_FAULTS, *OTHER_FAULTS)
        kinds = [kind for kind in everything if random.random() < 0.4]
        scenario.plan = _draw_plan(random, kinds, scenario.processes)
        scenario.triggers = _draw_triggers(random, scenario.processes)
        return scenario


def _undecidable_fates(*, is_trusted: bool, has_window: bool) -> set[PostFate]:
    """Return the fates after which no client can know whether the vendor executed one POST or two.

    With an idempotency window that the vendor does not keep, a late POST can follow its repetition.
    """
    if is_trusted:
        return set()
    return {PostFate.DUPLICATED, PostFate.LATE} if has_window else {PostFate.DUPLICATED}


def _draw_plan(
    random: Random, kinds: list[FaultKind], processes: int
) -> tuple[tuple[float, Fault], ...]:
    if not kinds:
        return ()
    return tuple(
        (random.uniform(0.0, FAULTS_S), _draw_fault(random, random.choice(kinds), processes))
        for _ in range(random.choice((0, 2, 5, 10)))
    )


def _draw_fault(random: Random, kind: FaultKind, processes: int) -> Fault:
    lasts_s = random.choice((0.5, 5.0, 14.0, 20.0, 20.0, 35.0)) * random.uniform(0.8, 1.2)
    return Fault(kind, random.randrange(processes), lasts_s)


def _draw_triggers(random: Random, processes: int) -> tuple[Trigger, ...]:
    return tuple(
        Trigger(
            random.choice(POINTS),
            random.choice((1, 1, 2, 3, 5)),
            _draw_fault(
                random,
                random.choice(
                    (
                        FaultKind.CRASH,
                        FaultKind.SUSPEND,
                        FaultKind.SUSPEND,
                        FaultKind.STORE_UNREACHABLE,
                        FaultKind.STORE_HANGS,
                    )
                ),
                processes,
            ),
        )
        for _ in range(random.choice((0, 1, 2, 4)))
    )


@dataclass(slots=True)
class FaultState:
    """The faults that are active now.

    Attributes:
        is_healed: no fault occurs any more.
        unreachable_store: by machine, how its calls to the store fail: at once or after a delay.
    """

    random: Random
    scenario: Scenario
    is_healed: bool = False
    is_store_down: bool = False
    is_store_read_only: bool = False
    is_store_slow: bool = False
    is_vendor_down: bool = False
    unreachable_store: dict[int, FaultKind] = field(default_factory=dict)

    def heal(self) -> None:
        """End all faults."""
        self.is_healed = True
        self.is_store_down = self.is_store_read_only = self.is_store_slow = False
        self.is_vendor_down = False
        self.unreachable_store.clear()

    def draw_transaction_fate(self, process: int, *, writes: bool) -> TransactionFate:
        random, scenario = self.random, self.scenario
        delay_s = random.uniform(0.0, scenario.max_store_latency_s)
        response_s = random.uniform(0.0, scenario.max_store_latency_s)
        if self.is_healed:
            return TransactionFate(delay_s, response_s)
        if self.is_store_slow:
            delay_s += random.uniform(0.0, 6.0)
        if self.unreachable_store.get(process) is FaultKind.STORE_HANGS:
            delay_s += random.uniform(10.0, 25.0)
        draw = random.random()
        survives = random.random() < 0.5, random.random() < 0.8
        if draw < scenario.store_failure:
            return TransactionFate(delay_s, response_s, "drawn", True, True, 0.0, *survives)
        is_lost = writes and draw < scenario.store_failure + scenario.response_loss
        is_committed = not is_lost or random.random() < 0.6
        commit_delay_s = random.choice((0.0, 0.0, 1.0, 20.0)) * random.random() if is_lost else 0.0
        return TransactionFate(
            delay_s, response_s, None, is_lost, is_committed, commit_delay_s, *survives
        )

    def store_error(self, process: int, *, writes: bool) -> str | None:
        """Return why the database rejects calls of a machine now; None if it accepts them."""
        if process in self.unreachable_store:
            return "the process does not reach the store"
        if self.is_store_down:
            return "the store is down"
        return "the store is read-only" if writes and self.is_store_read_only else None

    def draw_post_fate(self) -> PostFate:
        if self.is_healed or self.random.random() >= self.scenario.post_failure:
            return PostFate.DONE
        return self.random.choice(self.scenario.fates)

    def draw_slot_wait_s(self) -> float:
        if self.is_healed or self.random.random() < 0.7:
            return 0.0
        return self.random.choice((0.1, 1.0, 10.0)) * self.random.random()

    def draw_read_failure(self) -> bool:
        if self.is_healed:
            return False
        return self.is_vendor_down or self.random.random() < self.scenario.read_failure

    def draw_latency_s(self) -> float:
        """Draw the time of a request or of a response."""
        return self.random.choice((0.02, 0.1, 0.1, 1.0)) * self.random.random()
