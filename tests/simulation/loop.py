"""An event loop in virtual time, whose tasks belong to actors: processes, or the world around them.

Time stands still while anything can run, and then jumps to the next timer. Callbacks of one actor
run in the order in which they became ready, as asyncio promises; which actor runs next is drawn.
An actor can be stopped (SIGSTOP): time passes, its timers expire, and none of its callbacks runs
until it is continued.

Nothing here depends on the machine, on addresses in memory or on the hashes of strings: the same
draws give the same run.
"""

import asyncio
import contextvars
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")

START_S: Final = 1000.0
"""The virtual time at which a world begins."""
MAX_CALLBACKS: Final = 100_000
"""Far more than in any world that comes to an end."""
_ACTOR: Final[contextvars.ContextVar["Actor"]] = contextvars.ContextVar("actor")


class Deadlock(Exception):
    """Everybody waits, and nothing will ever happen."""


class Actor:
    """Owner of tasks that live, stand still and die together.

    Attributes:
        ready: its callbacks that can run, in order.
        is_stopped: none of them runs.
        is_dead: its tasks unwind, and nothing that they do counts any more.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: deque[asyncio.Handle] = deque()
        self.is_suspended = False
        self.is_killed = False
        self._tasks: list[asyncio.Task[Any]] = []
        self._pruned_at = 64

    def __repr__(self) -> str:
        return self.name

    @property
    def context(self) -> contextvars.Context:
        """Make a context in which callbacks and tasks belong to this actor."""
        context = contextvars.Context()
        context.run(_ACTOR.set, self)
        return context

    def add(self, task: "asyncio.Task[Any]") -> None:
        """Note a task."""
        self._tasks.append(task)
        if len(self._tasks) > self._pruned_at:
            self._tasks = self.tasks
            self._pruned_at = 2 * len(self._tasks) + 64

    @property
    def tasks(self) -> "list[asyncio.Task[Any]]":
        """Its tasks that have not ended, in the order of their creation."""
        return [task for task in self._tasks if not task.done()]

    def kill(self) -> None:
        """End at once: all tasks are cancelled, and find that nothing can be done any more."""
        self.is_killed = True
        self.is_suspended = False
        for task in self.tasks:
            task.cancel()


def current_actor() -> Actor:
    """Return whose callback runs."""
    return _ACTOR.get()


class SimulatedLoop(asyncio.BaseEventLoop):
    """The loop.

    Args:
        random: decides which actor runs next.

    Attributes:
        callbacks: how many have run.
        on_excess: called when they are MOST_CALLBACKS.
    """

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random
        self._now = START_S
        self._actors: list[Actor] = []
        self.world = self.new_actor("world")
        self.callbacks = 0
        self.on_too_many_callbacks: Callable[[], None] = lambda: None

    def new_actor(self, name: str) -> Actor:
        """Add an actor."""
        actor = Actor(name)
        self._actors.append(actor)
        return actor

    def time(self) -> float:
        """Return the virtual time."""
        return self._now

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: contextvars.Context | None = None,
    ) -> "asyncio.Task[T]":
        """Create a task of the actor that runs, or of the context's."""
        if context is None:
            context = contextvars.copy_context()
        actor = context.get(_ACTOR)
        if actor is None:  # the operations' own, who make a context for what outlives a request
            actor = current_actor()
            context.run(_ACTOR.set, actor)
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, context=context)
        actor.add(task)
        return task

    def schedule(self, delay_s: float, act: Callable[[], object]) -> None:
        """Have the world do something, whatever becomes of the actor that runs."""
        self.call_later(delay_s, act, context=self.world.context)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run the world's main task to its end."""
        task = self.create_task(main, context=self.world.context)
        return self.run_until_complete(task)

    def _run_once(self) -> None:
        """Run one callback, or let time pass: asyncio calls this again and again."""
        self._sort_ready()
        runnable = [actor for actor in self._actors if actor.ready and not actor.is_suspended]
        if not runnable:
            self._advance()
            return
        actor = runnable[0] if len(runnable) == 1 else self._random.choice(runnable)
        handle = actor.ready.popleft()
        if not handle._cancelled:
            self.callbacks += 1
            if self.callbacks == MAX_CALLBACKS:
                self.on_too_many_callbacks()
            handle._run()
        if actor.is_killed and not actor.ready and not actor.tasks:
            self._actors.remove(actor)

    def _sort_ready(self) -> None:
        ready: deque[asyncio.Handle] = self._ready  # type: ignore[attr-defined]
        while ready:
            handle = ready.popleft()
            handle._context.get(_ACTOR, self.world).ready.append(handle)  # type: ignore[attr-defined]

    def _advance(self) -> None:
        """Jump to the next timer, and make all that are due ready."""
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        is_due = False
        while scheduled and (not is_due or scheduled[0].when() <= self._now):
            timer = heapq.heappop(scheduled)
            timer._scheduled = False  # type: ignore[attr-defined]
            if timer.cancelled():
                self._timer_cancelled_count -= 1  # type: ignore[attr-defined]
                continue
            is_due = True
            self._now = max(self._now, timer.when())
            timer._context.get(_ACTOR, self.world).ready.append(timer)  # type: ignore[attr-defined]
        if not is_due and not self._stopping:  # type: ignore[attr-defined]
            raise Deadlock

    def _process_events(self, event_list: object) -> None:
        raise AssertionError("there is no input or output")

    def _write_to_self(self) -> None:
        """Nothing: there is no thread that could wake the loop."""
