"""Values that will be available later, without a task or a future for each."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")


class Promise(Generic[T]):
    """A value or an error that will be available later; any number of tasks may await it.

    Callbacks are called at once when it is settled; those of a future would each be scheduled on
    the event loop, which costs more than most of them do.

    Attributes:
        is_settled: it has a value or an error.
        is_shared: whether others may wait too, so that cancelling a task that awaits it does not
            cancel it.
    """

    __slots__ = ("_callbacks", "_error", "_traceback", "_value", "is_settled", "is_shared")

    _value: T
    _traceback: TracebackType | None

    def __init__(self) -> None:
        self._callbacks: list[Callable[[Promise[T]], object]] = []
        self._error: BaseException | None = None
        self.is_settled = self.is_shared = False

    @classmethod
    def resolved(cls, value: T) -> "Promise[T]":
        promise = cls()
        promise.resolve(value)
        return promise

    @classmethod
    def rejected(cls, error: BaseException) -> "Promise[T]":
        promise = cls()
        promise.reject(error)
        return promise

    def resolve(self, value: T) -> None:
        """Settle the promise with a value, unless it is settled."""
        if not self.is_settled:
            self.is_settled = True
            self._value = value
            self._call_back()

    def reject(self, error: BaseException) -> None:
        """Settle the promise with an error, unless it is settled."""
        if not self.is_settled:
            self.is_settled = True
            self._error, self._traceback = error, error.__traceback__
            self._call_back()

    def cancel(self) -> None:
        """Cancel everything that waits for the promise.

        Subclasses also stop producing its value.
        """
        self.reject(asyncio.CancelledError())

    def result(self) -> T:
        """Return the value or raise the error of a settled promise."""
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)
        return self._value

    def outcome(self) -> T | BaseException:
        """Return the value or the error of a settled promise."""
        return self._value if self._error is None else self._error

    def on_settled(self, callback: Callable[["Promise[T]"], object]) -> None:
        """Call `callback` with the promise once it is settled, or now.

        The callback must not raise.
        """
        if self.is_settled:
            callback(self)
        else:
            self._callbacks.append(callback)

    @overload
    def then(self, convert: Callable[[T], "Promise[S]"]) -> "Promise[S]": ...

    @overload
    def then(self, convert: Callable[[T], S]) -> "Promise[S]": ...

    def then(self, convert: Callable[[T], Any]) -> "Promise[Any]":
        """Return a promise of the converted value. Cancelling the new promise cancels this one."""
        converted: _Converted[Any] = _Converted(self)
        self.on_settled(partial(converted.convert, convert))
        return converted

    def __await__(self) -> Generator[Any, None, T]:
        if not self.is_settled:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._callbacks.append(partial(_wake, waiter))
            try:
                yield from waiter
            except BaseException:
                if not self.is_shared:
                    self.cancel()
                raise
        return self.result()

    def _call_back(self) -> None:
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)


class _Converted(Promise[T]):
    """The value of another promise, converted."""

    __slots__ = ("_source",)

    def __init__(self, source: Promise[Any]) -> None:
        super().__init__()
        self._source: Promise[Any] | None = source

    def convert(self, convert: Callable[[Any], T | Promise[T]], source: Promise[Any]) -> None:
        self._source = None
        try:
            converted = convert(source.result())
        except BaseException as error:  # noqa: BLE001 - the promise's
            self.reject(error)
            return
        if isinstance(converted, Promise):
            self._source = converted
            converted.on_settled(self._copy)
        else:
            self.resolve(converted)

    def cancel(self) -> None:
        if self._source is not None:
            self._source.cancel()
        super().cancel()

    def _copy(self, source: Promise[T]) -> None:
        self._source = None
        try:
            value = source.result()
        except BaseException as error:  # noqa: BLE001 - the promise's
            self.reject(error)
        else:
            self.resolve(value)


class _TaskPromise(Promise[T]):
    """The result of a task or a future."""

    __slots__ = ("_future",)

    def __init__(self, future: "asyncio.Future[T]") -> None:
        super().__init__()
        self._future = future
        future.add_done_callback(self._end)

    def cancel(self) -> None:
        self._future.cancel()

    def _end(self, future: "asyncio.Future[T]") -> None:
        if future.cancelled():
            self.reject(asyncio.CancelledError())
        elif (error := future.exception()) is not None:
            self.reject(error)
        else:
            self.resolve(future.result())


def promise_of(awaitable: Awaitable[T]) -> Promise[T]:
    """Return a promise of an awaitable's result. A coroutine is started in a task."""
    if isinstance(awaitable, Promise):
        return awaitable
    return _TaskPromise(asyncio.ensure_future(awaitable))


def gather_results(promises: Sequence[Promise[T]]) -> Promise[list[T | BaseException]]:
    """Return a promise of the values or exceptions of several promises, in order."""
    return _Gathered(promises)


class _Gathered(Promise[list[T | BaseException]], Generic[T]):
    __slots__ = ("_missing", "_promises")

    def __init__(self, promises: Sequence[Promise[T]]) -> None:
        super().__init__()
        self._promises = promises
        self._missing = len(promises)
        for promise in promises:
            promise.on_settled(self._count)
        if not promises:
            self.resolve([])

    def cancel(self) -> None:
        for promise in self._promises:
            promise.cancel()

    def _count(self, _: Promise[T]) -> None:
        self._missing -= 1
        if self._missing == 0:
            promises, self._promises = self._promises, ()
            self.resolve([promise.outcome() for promise in promises])


def _wake(waiter: "asyncio.Future[None]", _: Promise[Any]) -> None:
    if not waiter.done():
        waiter.set_result(None)
