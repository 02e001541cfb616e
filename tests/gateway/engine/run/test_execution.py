"""Branches run concurrently, and nothing that was started outlives its request."""

import asyncio
import contextlib
import contextvars
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry

from gateway.engine import Engine
from tests.gateway.engine.every_kind import QuietSchema

BRANCH: contextvars.ContextVar[str] = contextvars.ContextVar("BRANCH", default="none")


class Gates:
    """Futures by name: resolvers await them, and tests set their results."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.futures: dict[str, asyncio.Future[str]] = {}
        self._gates: dict[str, asyncio.Future[None]] = {}

    def __getitem__(self, name: str) -> "asyncio.Future[None]":
        if name not in self._gates:
            self._gates[name] = asyncio.get_running_loop().create_future()
        return self._gates[name]


Info = strawberry.Info[Gates, None]


@strawberry.type
class Branch:
    name: str

    @strawberry.field
    async def gate(self, info: Info, name: str) -> str:
        try:
            await asyncio.shield(info.context[name])
        except asyncio.CancelledError:
            info.context.log.append(f"cancelled {name}")
            raise
        info.context.log.append(name)
        return name

    @strawberry.field
    async def branch(self, info: Info, name: str) -> "Branch":
        await asyncio.shield(info.context[name])
        info.context.log.append(name)
        return Branch(name=name)

    @strawberry.field
    async def fails(self, info: Info, name: str) -> str:
        await asyncio.shield(info.context[name])
        raise ValueError(name)

    @strawberry.field
    async def cancels_itself(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    def cancels_itself_at_once(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    async def ignores_cancellation(self, info: Info, name: str) -> "Branch":
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(info.context[name])
        return self

    @strawberry.field
    async def with_timeout(self, info: Info, name: str) -> bool | None:
        try:
            async with asyncio.timeout(0):
                await asyncio.shield(info.context[name])
        except TimeoutError:
            return False
        return True

    @strawberry.field(graphql_type=str | None)
    def from_future(self, info: Info, name: str) -> "asyncio.Future[str]":
        return info.context.futures[name]

    @strawberry.field(graphql_type=str)
    def required_from_future(self, info: Info, name: str) -> "asyncio.Future[str]":
        return info.context.futures[name]

    @strawberry.field
    async def variable(self, name: str) -> str:
        token = BRANCH.set(name)
        await asyncio.sleep(0)
        seen = BRANCH.get()
        BRANCH.reset(token)
        return seen


@strawberry.type
class Query:
    @strawberry.field
    def branch(self) -> Branch | None:
        return Branch(name="root")


@pytest.fixture
async def gates() -> AsyncIterator[Gates]:
    yield Gates()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, "a request left tasks behind"


ENGINE = Engine(QuietSchema(Query))


async def run_loop(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_no_branch_waits_for_another(gates: Gates) -> None:
    text = """{ branch {
        a: branch(name: "a") { gate(name: "below a") }
        b: branch(name: "b") { gate(name: "below b") }
    } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates["b"].set_result(None)
    gates["below b"].set_result(None)
    await run_loop()

    assert gates.log == ["b", "below b"]
    gates["below a"].set_result(None)
    gates["a"].set_result(None)
    result = await request
    assert result.data == {"branch": {"a": {"gate": "below a"}, "b": {"gate": "below b"}}}
    assert list(result.data["branch"]) == ["a", "b"]


async def test_what_is_below_a_null_is_cancelled_before_the_response(gates: Gates) -> None:
    text = """{ branch { gate(name: "slow") fails(name: "fails") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates["fails"].set_result(None)
    result = await request

    assert result.data == {"branch": None}
    assert [error.path for error in result.errors or ()] == [["branch", "fails"]]
    assert gates.log == ["cancelled slow"]


async def test_branches_beside_a_null_continue(gates: Gates) -> None:
    text = """{ dead: branch { fails(name: "fails") } branch { gate(name: "slow") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates["fails"].set_result(None)
    await run_loop()
    gates["slow"].set_result(None)
    result = await request

    assert result.data == {"dead": None, "branch": {"gate": "slow"}}


@pytest.mark.parametrize("names", [["one"], ["one", "two"]], ids=["one branch", "two branches"])
async def test_cancelling_a_request_cancels_its_resolvers(gates: Gates, names: list[str]) -> None:
    fields = " ".join(f'{name}: gate(name: "{name}")' for name in names)
    request = asyncio.create_task(ENGINE.execute(f"{{ branch {{ {fields} }} }}", context=gates))
    await run_loop()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert sorted(gates.log) == sorted(f"cancelled {name}" for name in names)


@pytest.mark.parametrize("more", ["", 'gate(name: "slow")'], ids=["alone", "beside another"])
async def test_a_resolver_that_cancels_itself_cancels_the_request(gates: Gates, more: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        await ENGINE.execute(f"{{ branch {{ cancelsItself {more} }} }}", context=gates)

    assert gates.log == (["cancelled slow"] if more else [])


async def test_a_resolver_that_cancels_itself_at_once_leaves_nothing_unawaited(
    gates: Gates,
) -> None:
    text = """{ branch { branch(name: "a") { name } cancelsItselfAtOnce } }"""
    with pytest.raises(asyncio.CancelledError):
        await ENGINE.execute(text, context=gates)
    gc.collect()  # a coroutine that was never awaited would warn here


async def test_a_branch_that_ignores_its_cancellation_starts_no_other(gates: Gates) -> None:
    text = """{ branch {
        ignoresCancellation(name: "never") { gate(name: "below") }
        gate(name: "beside")
    } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


def futures(gates: Gates, *names: str) -> None:
    loop = asyncio.get_running_loop()
    gates.futures = {name: loop.create_future() for name in names}


async def test_futures_are_awaited_without_tasks(gates: Gates) -> None:
    futures(gates, "a", "b")
    text = """{ branch {
        a: fromFuture(name: "a") b: fromFuture(name: "b") c: fromFuture(name: "b")
    } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    assert asyncio.all_tasks() == {asyncio.current_task(), request}
    gates.futures["b"].set_result("B")
    await run_loop()
    gates.futures["a"].set_result("A")

    assert (await request).data == {"branch": {"a": "A", "b": "B", "c": "B"}}


async def test_the_error_of_a_future_is_an_error_of_its_field(gates: Gates) -> None:
    futures(gates, "broken", "kept")
    text = """{ branch { fromFuture(name: "broken") kept: fromFuture(name: "kept") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates.futures["broken"].set_exception(ValueError("broken"))
    gates.futures["kept"].set_result("kept")
    result = await request

    assert result.data == {"branch": {"fromFuture": None, "kept": "kept"}}
    assert [(error.message, error.path) for error in result.errors or ()] == [
        ("broken", ["branch", "fromFuture"])
    ]


async def test_futures_below_a_null_are_cancelled(gates: Gates) -> None:
    futures(gates, "broken", "never")
    text = """{ branch { requiredFromFuture(name: "broken") fromFuture(name: "never") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates.futures["broken"].set_exception(ValueError("broken"))
    result = await request

    assert result.data == {"branch": None}
    assert gates.futures["never"].cancelled()


async def test_simultaneous_errors_below_one_null_are_reported_once(gates: Gates) -> None:
    futures(gates, "a", "b")
    text = """{ branch { a: requiredFromFuture(name: "a") b: requiredFromFuture(name: "b") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates.futures["a"].set_exception(ValueError("a"))
    gates.futures["b"].set_exception(ValueError("b"))
    result = await request

    assert result.data == {"branch": None}
    assert [error.message for error in result.errors or ()] == ["a"]


async def test_a_future_that_is_cancelled_cancels_the_request(gates: Gates) -> None:
    futures(gates, "cancelled")
    text = """{ branch { fromFuture(name: "cancelled") gate(name: "slow") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates.futures["cancelled"].cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert gates.log == ["cancelled slow"]


async def test_a_timeout_in_a_resolver_affects_no_other(gates: Gates) -> None:
    text = """{ branch {
        a: withTimeout(name: "never") gate(name: "slow") b: withTimeout(name: "open")
    } }"""
    gates["open"].set_result(None)
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await run_loop()
    gates["slow"].set_result(None)

    assert (await request).data == {"branch": {"a": False, "gate": "slow", "b": True}}


async def test_each_branch_has_its_own_context_variables(gates: Gates) -> None:
    result = await ENGINE.execute('{ branch { a: variable(name: "a") b: variable(name: "b") } }')

    assert result.data == {"branch": {"a": "a", "b": "b"}}
    assert BRANCH.get() == "none"


@strawberry.input
class Bag:
    items: list[str]


@strawberry.type
class ArgumentChanger:
    @strawberry.field
    def add(self, items: list[str] | None = None, bag: Bag | None = None) -> list[str]:
        found = bag.items if bag else items or []
        found.append("more")
        return found


@strawberry.type
class ChangerQuery:
    @strawberry.field
    def changing(self) -> list[ArgumentChanger]:
        return [ArgumentChanger(), ArgumentChanger()]


@pytest.mark.parametrize(
    ("argument", "variables"),
    [
        ('items: ["a"]', {}),
        ('bag: {items: ["a"]}', {}),
        ("items: $items", {"items": ["a"]}),
    ],
)
async def test_a_call_can_change_its_arguments_without_affecting_others(
    argument: str, variables: dict[str, Any]
) -> None:
    engine = Engine(QuietSchema(ChangerQuery))
    head = "query ($items: [String!]!)" if variables else ""
    for _ in range(2):
        result = await engine.execute(
            f"{head} {{ changing {{ add({argument}) }} }}", variables=variables
        )
        assert result.data == {"changing": [{"add": ["a", "more"]}] * 2}


def test_an_attribute_is_read_once() -> None:
    reads = 0

    class Counting:
        @property
        def name(self) -> None:
            nonlocal reads
            reads += 1
            raise ValueError("unreadable")

    @strawberry.type
    class Named:
        name: str | None

    @strawberry.type
    class Root:
        @strawberry.field
        def named(self) -> Named:
            return Counting()  # type: ignore[return-value]

    result = asyncio.run(Engine(QuietSchema(Root)).execute("{ named { name } }"))

    assert result.data == {"named": {"name": None}}
    assert reads == 1
