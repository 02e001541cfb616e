"""An event loop in virtual time. Its tasks belong to actors: processes, or the world around them.

When no callback can run, time jumps to the next timer. The callbacks of one actor run in the order
in which they became ready, as in asyncio; the seed decides which actor runs next. While an actor is
suspended (SIGSTOP), time passes and its timers expire, but none of its callbacks runs.

Nothing depends on the machine, memory addresses or string hashes, so a seed determines the run.
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
"""The virtual time at which a run begins."""
MAX_CALLBACKS: Final = 100_000
"""Far more than a run needs that ends."""
_ACTOR: Final[contextvars.ContextVar["Actor"]] = contextvars.ContextVar("actor")


class Deadlock(Exception):
    """All tasks wait, and no timer is left."""


class Actor:
    """A group of tasks that are suspended and end together.

    Attributes:
        ready: callbacks that can run, in order.
        is_suspended: no callback runs.
        is_killed: the tasks are being cancelled, and no longer reach the store or the vendor.
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
        """A new context, in which callbacks and tasks belong to this actor."""
        context = contextvars.Context()
        context.run(_ACTOR.set, self)
        return context

    def add(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.append(task)
        if len(self._tasks) > self._pruned_at:
            self._tasks = self.tasks
            self._pruned_at = 2 * len(self._tasks) + 64

    @property
    def tasks(self) -> "list[asyncio.Task[Any]]":
        """The tasks that have not ended, in the order of their creation."""
        return [task for task in self._tasks if not task.done()]

    def kill(self) -> None:
        self.is_killed = True
        self.is_suspended = False
        for task in self.tasks:
            task.cancel()


def current_actor() -> Actor:
    """Return the actor whose callback runs."""
    return _ACTOR.get()


class SimulatedLoop(asyncio.BaseEventLoop):
    """The loop.

    Args:
        random: decides which actor runs next.

    Attributes:
        callbacks: the number of callbacks that have run.
        on_too_many_callbacks: called when MAX_CALLBACKS have run.
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
        actor = Actor(name)
        self._actors.append(actor)
        return actor

    def time(self) -> float:
        return self._now

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: contextvars.Context | None = None,
    ) -> "asyncio.Task[T]":
        """Create a task of the context's actor, or else of the current one."""
        if context is None:
            context = contextvars.copy_context()
        actor = context.get(_ACTOR)
        if actor is None:  # operations create a context for tasks that outlive a request
            actor = current_actor()
            context.run(_ACTOR.set, actor)
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, context=context)
        actor.add(task)
        return task

    def schedule(self, delay_s: float, act: Callable[[], object]) -> None:
        """Call `act` as the world, even if the current actor ends."""
        self.call_later(delay_s, act, context=self.world.context)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        task = self.create_task(main, context=self.world.context)
        return self.run_until_complete(task)

    def _run_once(self) -> None:
        """Run one callback, or advance time. asyncio calls this in a loop."""
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
        """Advance time to the next timer, and make all due timers ready."""
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
        raise AssertionError("the simulation has no I/O")

    def _write_to_self(self) -> None:
        """Do nothing: no other thread wakes the loop."""
