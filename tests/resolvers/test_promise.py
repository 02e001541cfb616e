import asyncio

import pytest

from resolvers.promise import Promise, gather_results, promise_of
from tests.support.waiting import run_ready_tasks


async def test_all_that_await_a_promise_get_its_value() -> None:
    promise: Promise[int] = Promise()
    tasks = [asyncio.ensure_future(promise) for _ in range(3)]
    await run_ready_tasks()
    promise.resolve(1)
    assert await asyncio.gather(*tasks, promise) == [1, 1, 1, 1]


async def test_all_that_await_a_promise_get_its_error() -> None:
    promise: Promise[int] = Promise()
    task = asyncio.ensure_future(promise)
    await run_ready_tasks()
    promise.reject(KeyError("no"))
    assert [type(e) for e in await asyncio.gather(task, promise, return_exceptions=True)] == [
        KeyError,
        KeyError,
    ]


def test_the_first_result_is_final() -> None:
    promise = Promise.resolved(1)
    promise.resolve(2)
    promise.reject(KeyError())
    promise.cancel()
    assert promise.result() == 1


async def test_a_cancelled_task_cancels_the_promise_that_it_awaits() -> None:
    promise: Promise[int] = Promise()
    task = asyncio.ensure_future(promise)
    await run_ready_tasks()
    task.cancel()
    await run_ready_tasks()
    assert promise.is_settled


async def test_a_cancelled_task_does_not_cancel_a_shared_promise() -> None:
    promise: Promise[int] = Promise()
    promise.is_shared = True
    impatient, patient = asyncio.ensure_future(promise), asyncio.ensure_future(promise)
    await run_ready_tasks()
    impatient.cancel()
    await run_ready_tasks()
    promise.resolve(1)
    assert await patient == 1


def test_a_converted_value_may_be_a_promise() -> None:
    source: Promise[int] = Promise()
    inner: Promise[str] = Promise()
    converted = source.then(lambda value: value + 1).then(lambda value: inner if value else "")
    source.resolve(1)
    assert not converted.is_settled
    inner.resolve("value")
    assert converted.result() == "value"


def test_an_error_while_converting_is_the_error_of_the_conversion() -> None:
    failing = Promise.resolved("x").then(int)
    assert isinstance(failing.outcome(), ValueError)
    assert failing.then(str).outcome() is failing.outcome()
    rejected: Promise[int] = Promise.rejected(KeyError())
    one: Promise[int] = Promise.resolved(1)
    assert isinstance(one.then(lambda _: rejected).outcome(), KeyError)


def test_cancelling_a_conversion_cancels_its_source() -> None:
    source: Promise[int] = Promise()
    inner: Promise[int] = Promise()
    source.then(str).cancel()
    assert isinstance(source.outcome(), asyncio.CancelledError)
    one: Promise[int] = Promise.resolved(1)
    one.then(lambda _: inner).cancel()
    assert isinstance(inner.outcome(), asyncio.CancelledError)


def test_gathered_results_are_values_and_errors_in_order() -> None:
    first, second = Promise[int](), Promise[int]()
    gathered = gather_results([first, second])
    error = KeyError()
    second.reject(error)
    assert not gathered.is_settled
    first.resolve(1)
    assert gathered.result() == [1, error]
    assert gather_results([]).result() == []


def test_cancelling_gathered_promises_cancels_each() -> None:
    promises = [Promise[int](), Promise[int]()]
    gathered = gather_results(promises)
    gathered.cancel()
    assert all(isinstance(each.outcome(), asyncio.CancelledError) for each in promises)
    assert gathered.is_settled


async def test_a_coroutine_becomes_a_task_that_is_cancelled_with_the_promise() -> None:
    async def wait() -> int:
        await asyncio.Event().wait()
        return 1

    async def fail() -> int:
        return int("no number")

    waiting, failing = promise_of(wait()), promise_of(fail())
    await run_ready_tasks()
    waiting.cancel()
    await run_ready_tasks()
    assert isinstance(waiting.outcome(), asyncio.CancelledError)
    with pytest.raises(ValueError, match="no number"):
        await failing
    assert promise_of(waiting) is waiting
