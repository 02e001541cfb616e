import asyncio
from dataclasses import replace

import pytest

from gateway.sandbox.delivery import Reply
from gateway.sandbox.idempotency import KEPT_STATUSES, Idempotency, Key
from gateway.sandbox.refusals import Refusal

KEY = Key("partner", "POST", "/v1/productupgrades", "id")
OK = Reply(200, (), b"{}")


async def test_a_repeated_write_gets_the_stored_answer() -> None:
    memory = Idempotency(60)
    assert await memory.claim(KEY, b"body", 0) is None
    memory.settle(KEY, OK)
    assert await memory.claim(KEY, b"body", 59) is OK


async def test_an_answer_is_forgotten_after_its_time() -> None:
    memory = Idempotency(60)
    assert await memory.claim(KEY, b"body", 0) is None
    memory.settle(KEY, OK)
    assert await memory.claim(KEY, b"body", 60) is None


async def test_another_body_under_the_same_id_is_refused() -> None:
    memory = Idempotency(60)
    await memory.claim(KEY, b"body", 0)
    with pytest.raises(Refusal, match="400 800002"):
        await memory.claim(KEY, b"other", 0)


@pytest.mark.parametrize("status", [200, 202, 400, 403, 404, 409])
async def test_final_answers_are_kept(status: int) -> None:
    assert status in KEPT_STATUSES
    memory = Idempotency(60)
    await memory.claim(KEY, b"", 0)
    memory.settle(KEY, Reply(status, (), b""))
    assert len(memory) == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
async def test_answers_that_a_retry_may_change_are_not_kept(status: int) -> None:
    memory = Idempotency(60)
    await memory.claim(KEY, b"", 0)
    memory.settle(KEY, Reply(status, (), b""))
    assert await memory.claim(KEY, b"", 0) is None


async def test_a_second_call_waits_for_the_first_and_gets_its_answer() -> None:
    memory = Idempotency(60)
    await memory.claim(KEY, b"", 0)
    second = asyncio.create_task(memory.claim(KEY, b"", 0))
    await asyncio.sleep(0)
    assert not second.done()
    failed = Reply(500, (), b"")
    memory.settle(KEY, failed)
    assert await second is failed


async def test_when_the_first_did_nothing_the_second_does_the_work() -> None:
    memory = Idempotency(60)
    await memory.claim(KEY, b"", 0)
    second = asyncio.create_task(memory.claim(KEY, b"", 0))
    await asyncio.sleep(0)
    memory.settle(KEY, None)
    assert await second is None
    assert len(memory) == 1


async def test_clearing_lets_nobody_wait_for_ever() -> None:
    memory = Idempotency(60)
    await memory.claim(KEY, b"", 0)
    second = asyncio.create_task(memory.claim(KEY, b"", 0))
    await asyncio.sleep(0)
    memory.clear()
    assert await second is None
    memory.clear()
    memory.settle(KEY, OK)
    assert len(memory) == 0


async def test_the_oldest_answer_makes_room_and_lets_nobody_wait_for_ever() -> None:
    memory = Idempotency(60, max_entries=1)
    await memory.claim(KEY, b"", 0)
    second = asyncio.create_task(memory.claim(KEY, b"", 0))
    await asyncio.sleep(0)
    assert await memory.claim(replace(KEY, request_id="other"), b"", 0) is None
    assert await second is None
