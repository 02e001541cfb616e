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
    async def write() -> SandboxResponse:
        return response

    return write


async def fail() -> SandboxResponse:
    """Fail the test: this write must not be executed."""
    raise AssertionError


class ControlledWrite:
    """A write that runs until the test sets its outcome."""

    def __init__(self) -> None:
        self.outcome: asyncio.Future[SandboxResponse] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> SandboxResponse:
        return await self.outcome


async def start_write(
    store: IdempotencyStore, execute: Callable[[], Awaitable[SandboxResponse]]
) -> asyncio.Task[SandboxResponse]:
    """Start a write and run it until it waits."""

    async def run() -> SandboxResponse:
        return (await store.run_once(KEY, b"", 0, execute))[0]

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    return task


async def test_a_repeated_write_gets_the_stored_response() -> None:
    store = IdempotencyStore(60)
    assert await store.run_once(KEY, b"body", 0, respond_with(OK)) == (OK, False)
    assert await store.run_once(KEY, b"body", 59, fail) == (OK, True)


async def test_a_response_expires() -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"body", 0, respond_with(OK))
    assert await store.run_once(KEY, b"body", 60, respond_with(OTHER)) == (OTHER, False)


async def test_another_body_under_the_same_id_is_rejected() -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"body", 0, respond_with(OK))
    with pytest.raises(VendorError, match="400 800002"):
        await store.run_once(KEY, b"other", 0, fail)


@pytest.mark.parametrize("status", [200, 202, 400, 403, 404, 409])
async def test_final_responses_are_kept(status: int) -> None:
    assert status in FINAL_STATUSES
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"", 0, respond_with(SandboxResponse(status, (), b"")))
    assert len(store) == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
async def test_responses_that_a_retry_may_change_are_not_kept(status: int) -> None:
    store = IdempotencyStore(60)
    await store.run_once(KEY, b"", 0, respond_with(SandboxResponse(status, (), b"")))
    assert await store.run_once(KEY, b"", 0, respond_with(OK)) == (OK, False)


@pytest.mark.parametrize("status", [200, 500])
async def test_a_second_call_waits_for_the_first_and_gets_its_response(status: int) -> None:
    store, write = IdempotencyStore(60), ControlledWrite()
    first, second = await start_write(store, write), await start_write(store, fail)
    assert not second.done()
    write.outcome.set_result(SandboxResponse(status, (), b""))
    assert await second is await first


async def test_if_the_first_call_is_cancelled_the_second_executes_the_write() -> None:
    store = IdempotencyStore(60)
    first, second = (
        await start_write(store, ControlledWrite()),
        await start_write(store, respond_with(OK)),
    )
    first.cancel()
    assert await second is OK
    assert first.cancelled()
    assert len(store) == 1


async def test_waiting_calls_get_their_response_after_the_store_was_cleared() -> None:
    store, write = IdempotencyStore(60), ControlledWrite()
    first, second = await start_write(store, write), await start_write(store, fail)
    store.clear()
    write.outcome.set_result(OK)
    assert [await first, await second] == [OK, OK]
    assert len(store) == 0


async def test_a_cleared_write_does_not_affect_a_new_one_under_its_id() -> None:
    store, write = IdempotencyStore(60), ControlledWrite()
    first = await start_write(store, write)
    store.clear()
    assert await store.run_once(KEY, b"", 0, respond_with(OTHER)) == (OTHER, False)
    write.outcome.set_result(SandboxResponse(500, (), b""))
    await first
    assert await store.run_once(KEY, b"", 0, fail) == (OTHER, True)


async def test_waiting_calls_get_their_response_after_the_write_was_evicted() -> None:
    store, write = IdempotencyStore(60, max_entries=1), ControlledWrite()
    first, second = await start_write(store, write), await start_write(store, fail)
    await store.run_once(replace(KEY, request_id="other"), b"", 0, respond_with(OTHER))
    write.outcome.set_result(OK)
    assert [await first, await second] == [OK, OK]
    assert len(store) == 1
