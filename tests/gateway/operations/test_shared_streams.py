"""Many followers, one stream."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from gateway.operations.shared_streams import SharedStreams
from tests.support.waiting import run_ready_tasks


class Counted:
    """A stream of the values that are sent to it; counts how often it starts and ends."""

    def __init__(self) -> None:
        self.starts = 0
        self.ended = 0
        self._sent: asyncio.Queue[Sequence[int | Exception | None]] = asyncio.Queue()

    def send(self, *values: int | Exception | None) -> None:
        """Yield values at once; None ends the stream, an exception fails it."""
        self._sent.put_nowait(values)

    async def begin(self) -> AsyncGenerator[int, None]:
        self.starts += 1
        try:
            while True:
                for value in await self._sent.get():
                    if value is None:
                        return
                    if isinstance(value, Exception):
                        raise value
                    yield value
        finally:
            self.ended += 1


@pytest.fixture
def counted() -> Counted:
    return Counted()


async def collected(values: AsyncGenerator[int, None]) -> list[int]:
    return [value async for value in values]


async def test_many_followers_cost_one_stream(counted: Counted) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    followers = [
        asyncio.create_task(collected(streams.follow("a", counted.begin))) for _ in range(100)
    ]
    await run_ready_tasks()
    for value in (1, 2, None):
        counted.send(value)
        await run_ready_tasks()

    assert await asyncio.gather(*followers) == [[1, 2]] * 100
    assert (counted.starts, counted.ended) == (1, 1)


async def test_a_later_subscriber_starts_with_the_latest_value(counted: Counted) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    early = streams.follow("a", counted.begin)
    counted.send(1)
    counted.send(2)
    assert await anext(early) == 2
    late = streams.follow("a", counted.begin)

    assert await anext(late) == 2
    assert counted.starts == 1
    await early.aclose()
    await late.aclose()


async def test_equal_values_are_one_event_and_slow_followers_get_the_latest(
    counted: Counted,
) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    follower = streams.follow("a", counted.begin)
    counted.send(1)
    assert await anext(follower) == 1
    counted.send(1, 1, 2, 3, 3, None)

    assert await collected(follower) == [3]


async def test_the_last_subscriber_ends_the_stream(counted: Counted) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    counted.send(1)
    first, second = (streams.follow("a", counted.begin) for _ in range(2))
    await anext(first)
    await anext(second)

    await first.aclose()
    await run_ready_tasks()
    assert counted.ended == 0
    await second.aclose()
    await run_ready_tasks()
    assert counted.ended == 1

    counted.send(5)
    third = streams.follow("a", counted.begin)
    assert await anext(third) == 5
    assert counted.starts == 2
    await third.aclose()


async def test_a_failure_is_raised_to_every_subscriber(counted: Counted) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    counted.send(ArithmeticError("broken"))
    followers = [collected(streams.follow("a", counted.begin)) for _ in range(3)]

    ends = await asyncio.gather(*followers, return_exceptions=True)

    assert [str(end) for end in ends] == ["broken"] * 3


async def test_each_key_has_its_own_stream(counted: Counted) -> None:
    streams: SharedStreams[str, int] = SharedStreams()
    other = Counted()
    counted.send(1, None)
    other.send(2, None)

    found = await asyncio.gather(
        collected(streams.follow("a", counted.begin)), collected(streams.follow("b", other.begin))
    )

    assert list(found) == [[1], [2]]
