import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.sandbox.errors import VendorError
from gateway.sandbox.idempotency import FINAL_STATUSES, IdempotencyKey, IdempotencyStore
from gateway.sandbox.response_writer import SandboxResponse

KEY = IdempotencyKey("partner", "POST", "/v1/productupgrades", "id")
OK = SandboxResponse(200, (), b"{}")
OTHER = SandboxResponse(200, (), b"[]")


def respond_with(response: SandboxResponse) -> Callable[[], Awaitable[SandboxResponse]]:
    """Work that is done at once."""

    async def work() -> SandboxResponse:
        return response

    return work


async def fail() -> SandboxResponse:
    """Work that must not be done."""
    raise AssertionError


class Work:
    """Work that runs until the test says how it ends."""

    def __init__(self) -> None:
        self.outcome: asyncio.Future[SandboxResponse] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> SandboxResponse:
        return await self.outcome


async def start_write(
    store: IdempotencyStore, work: Callable[[], Awaitable[SandboxResponse]]
) -> asyncio.Task[SandboxResponse]:
    """Start a write and let it run as far as it goes."""

    async def write() -> SandboxResponse:
        return (await store.run_once(KEY, b"", 0, work))[0]

    task = asyncio.create_task(write())
    await asyncio.sleep(0)
    return task


async def test_a_repeated_write_gets_the_stored_answer() -> None:
    store = IdempotencyStore(60)
    assert await store.run_once(KEY, b"body", 0, respond_with(OK)) == (OK, False)
    assert await store.run_once(KEY, b"body", 59, fail) == (OK, True)


async def test_an_answer_is_forgotten_after_its_time() -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"body", 0, respond_with(OK))
    assert await store.run_once(KEY, b"body", 60, respond_with(OTHER)) == (OTHER, False)


async def test_another_body_under_the_same_id_is_refused() -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"body", 0, respond_with(OK))
    with pytest.raises(VendorError, match="400 800002"):
        await store.run_once(KEY, b"other", 0, fail)


@pytest.mark.parametrize("status", [200, 202, 400, 403, 404, 409])
async def test_final_answers_are_kept(status: int) -> None:
    assert status in FINAL_STATUSES
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"", 0, respond_with(SandboxResponse(status, (), b"")))
    assert len(store) == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
async def test_answers_that_a_retry_may_change_are_not_kept(status: int) -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"", 0, respond_with(SandboxResponse(status, (), b"")))
    assert await store.run_once(KEY, b"", 0, respond_with(OK)) == (OK, False)


@pytest.mark.parametrize("status", [200, 500])
async def test_a_second_call_waits_for_the_first_and_gets_its_answer(status: int) -> None:
    store, work = IdempotencyStore(60), Work()
    first, second = await start_write(store, work), await start_write(store, fail)
    assert not second.done()
    work.outcome.set_result(SandboxResponse(status, (), b""))
    assert await second is await first


async def test_when_the_first_breaks_off_the_second_does_the_work() -> None:
    store = IdempotencyStore(60)
    first, second = await start_write(store, Work()), await start_write(store, respond_with(OK))
    first.cancel()
    assert await second is OK
    assert first.cancelled()
    assert len(store) == 1


async def test_calls_that_wait_get_their_answer_although_it_was_cleared_away() -> None:
    store, work = IdempotencyStore(60), Work()
    first, second = await start_write(store, work), await start_write(store, fail)
    store.clear()
    work.outcome.set_result(OK)
    assert [await first, await second] == [OK, OK]
    assert len(store) == 0


async def test_a_write_that_was_cleared_away_leaves_a_new_one_under_its_id_alone() -> None:
    store, work = IdempotencyStore(60), Work()
    first = await start_write(store, work)
    store.clear()
    assert await store.run_once(KEY, b"", 0, respond_with(OTHER)) == (OTHER, False)
    work.outcome.set_result(SandboxResponse(500, (), b""))
    await first
    assert await store.run_once(KEY, b"", 0, fail) == (OTHER, True)


async def test_calls_that_wait_get_their_answer_although_it_made_room_for_another() -> None:
    store, work = IdempotencyStore(60, max_entries=1), Work()
    first, second = await start_write(store, work), await start_write(store, fail)
    await store.run_once(replace(KEY, request_id="other"), b"", 0, respond_with(OTHER))
    work.outcome.set_result(OK)
    assert [await first, await second] == [OK, OK]
    assert len(store) == 1
