"""What can go wrong, and how often: drawn from the seed, a different mixture for each.

Each seed switches some kinds of faults on and others off, so that rare combinations come up and
those that hide others do not always. Besides faults at random moments there are ambushes: the
fourth time that a process gets to a point such as "an announcement is stored", it dies, stands
still or loses the store. All of them end when the world heals.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final, Self

FAULTS_S: Final = 60.0
"""For how long faults begin."""
RESPONSE_TIMEOUT_S: Final = 8.0
"""How long a process waits for the vendor to respond."""
MAX_LATENESS_S: Final = 12.0
"""How long after that a request may still take effect."""

PROCESS_FAULTS: Final = ("crash", "crash", "stop", "stop", "cut off", "hang", "restart")
STORE_FAULTS: Final = ("down", "read-only", "slow")
CLOCK_FAULTS: Final = ("set clock",)
OTHER_FAULTS: Final = ("vendor down", "callers leave")
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
FATES: Final = (
    "throttled",
    "refused",
    "token refused",
    "never sent",
    "request lost",
    "answer lost",
    "late",
    "duplicated",
    "license errors",
)


@dataclass(frozen=True, slots=True)
class TransactionFate:
    """What becomes of a transaction.

    Attributes:
        delay_s: until it takes place.
        answer_s: from then to its answer.
        refusal: why it fails, surely without effect.
        is_answer_lost: the commit is not answered, and `is_committed` or not.
        committed_s: how much later than its failure it is committed, if it is.
        outlives_process: it takes place though its process dies or is stopped meanwhile.
        outlives_task: it takes place though nobody waits for it any more.
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
    """A fault, its target's number where it has one, and how long it lasts."""

    kind: str
    target: int
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """A fault of the process that gets to a point as the so manieth, counted from 1."""

    point: str
    count: int
    fault: Fault


@dataclass(slots=True)
class Scenario:
    """The world of one seed.

    Attributes:
        processes: how many gateways share the store.
        sees_processes: the operating system tells which of them have ended.
        trust_s: how long gateways trust the vendor to know request ids.
        remembers_s: how long it does.
        keeps_sources: subscriptions stay active after their upgrade (both guards are off).
        needs_callers: gateways keep no tokens but those of callers who are there.
        store_failure: probability that a transaction fails surely without effect.
        lost_answer: probability that a commit is not answered.
        store_s: how long a transaction takes at most, in calm.
        fates: what becomes of POSTs, besides being done; with a probability of `misfortune`.
        look_failure: probability that a read at the vendor fails.
        plan: faults by the time at which they begin.
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
    fates: tuple[str, ...]
    post_failure: float
    read_failure: float
    plan: tuple[tuple[float, Fault], ...] = ()
    triggers: tuple[Trigger, ...] = ()

    @property
    def deduplicates_posts(self) -> bool:
        """Whether the vendor remembers request ids for as long as anything may be under way."""
        return self.request_ids_known_s > FAULTS_S * 10

    @classmethod
    def draw(cls, random: Random) -> Self:
        """Draw a world."""
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


def _undecidable_fates(*, is_trusted: bool, has_window: bool) -> set[str]:
    """Name what nobody could help: a vendor that takes one POST for two.

    Who trusts a vendor that forgets is wrong about a POST that comes after its repetition.
    """
    if is_trusted:
        return set()
    return {"duplicated", "late"} if has_window else {"duplicated"}


def _draw_plan(random: Random, kinds: list[str], processes: int) -> tuple[tuple[float, Fault], ...]:
    if not kinds:
        return ()
    return tuple(
        (random.uniform(0.0, FAULTS_S), _draw_fault(random, random.choice(kinds), processes))
        for _ in range(random.choice((0, 2, 5, 10)))
    )


def _draw_fault(random: Random, kind: str, processes: int) -> Fault:
    lasts_s = random.choice((0.5, 5.0, 14.0, 20.0, 20.0, 35.0)) * random.uniform(0.8, 1.2)
    return Fault(kind, random.randrange(processes), lasts_s)


def _draw_triggers(random: Random, processes: int) -> tuple[Trigger, ...]:
    return tuple(
        Trigger(
            random.choice(POINTS),
            random.choice((1, 1, 2, 3, 5)),
            _draw_fault(
                random, random.choice(("crash", "stop", "stop", "cut off", "hang")), processes
            ),
        )
        for _ in range(random.choice((0, 1, 2, 4)))
    )


@dataclass(slots=True)
class FaultState:
    """What is wrong at this moment.

    Attributes:
        is_healed: nothing goes wrong any more.
        cut_off: processes that do not reach the store: "cut off" fails, "hang" takes its time.
    """

    random: Random
    scenario: Scenario
    is_healed: bool = False
    is_store_down: bool = False
    is_store_read_only: bool = False
    is_store_slow: bool = False
    is_vendor_down: bool = False
    unreachable_store: dict[int, str] = field(default_factory=dict)

    def heal(self) -> None:
        """End everything."""
        self.is_healed = True
        self.is_store_down = self.is_store_read_only = self.is_store_slow = False
        self.is_vendor_down = False
        self.unreachable_store.clear()

    def draw_transaction_fate(self, process: int, *, writes: bool) -> TransactionFate:
        """Draw what becomes of a transaction."""
        random, scenario = self.random, self.scenario
        delay_s = random.uniform(0.0, scenario.max_store_latency_s)
        answer_s = random.uniform(0.0, scenario.max_store_latency_s)
        if self.is_healed:
            return TransactionFate(delay_s, answer_s)
        if self.is_store_slow:
            delay_s += random.uniform(0.0, 6.0)
        if self.unreachable_store.get(process) == "hang":
            delay_s += random.uniform(10.0, 25.0)
        draw = random.random()
        outlives = random.random() < 0.5, random.random() < 0.8
        if draw < scenario.store_failure:
            return TransactionFate(delay_s, answer_s, "drawn", True, True, 0.0, *outlives)
        is_lost = writes and draw < scenario.store_failure + scenario.response_loss
        is_committed = not is_lost or random.random() < 0.6
        committed_s = random.choice((0.0, 0.0, 1.0, 20.0)) * random.random() if is_lost else 0.0
        return TransactionFate(
            delay_s, answer_s, None, is_lost, is_committed, committed_s, *outlives
        )

    def store_error(self, process: int, *, writes: bool) -> str | None:
        """Say why the database does nothing for a process now."""
        if process in self.unreachable_store:
            return "the process does not reach the store"
        if self.is_store_down:
            return "the store is down"
        return "the store is read-only" if writes and self.is_store_read_only else None

    def draw_post_fate(self) -> str:
        """Draw what becomes of a POST."""
        if self.is_healed or self.random.random() >= self.scenario.post_failure:
            return "done"
        return self.random.choice(self.scenario.fates)

    def draw_slot_wait_s(self) -> float:
        """Draw how long a POST waits for its turn."""
        if self.is_healed or self.random.random() < 0.7:
            return 0.0
        return self.random.choice((0.1, 1.0, 10.0)) * self.random.random()

    def draw_read_failure(self) -> bool:
        """Draw whether a read at the vendor fails."""
        if self.is_healed:
            return False
        return self.is_vendor_down or self.random.random() < self.scenario.read_failure

    def draw_latency_s(self) -> float:
        """Draw how long a way to the vendor or back takes."""
        return self.random.choice((0.02, 0.1, 0.1, 1.0)) * self.random.random()
