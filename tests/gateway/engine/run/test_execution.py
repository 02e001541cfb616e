"""Branches run side by side, and nothing that was started outlives its request."""

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
    """Futures by name, which resolvers wait for and tests open."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.promises: dict[str, asyncio.Future[str]] = {}
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
    async def gives_up(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    def gives_up_at_once(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    async def stubborn(self, info: Info, name: str) -> "Branch":
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(info.context[name])
        return self

    @strawberry.field
    async def in_time(self, info: Info, name: str) -> bool | None:
        try:
            async with asyncio.timeout(0):
                await asyncio.shield(info.context[name])
        except TimeoutError:
            return False
        return True

    @strawberry.field(graphql_type=str | None)
    def promised(self, info: Info, name: str) -> "asyncio.Future[str]":
        return info.context.promises[name]

    @strawberry.field(graphql_type=str)
    def surely_promised(self, info: Info, name: str) -> "asyncio.Future[str]":
        return info.context.promises[name]

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


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_no_branch_waits_for_another(gates: Gates) -> None:
    text = """{ branch {
        a: branch(name: "a") { gate(name: "below a") }
        b: branch(name: "b") { gate(name: "below b") }
    } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates["b"].set_result(None)
    gates["below b"].set_result(None)
    await turns()

    assert gates.log == ["b", "below b"]
    gates["below a"].set_result(None)
    gates["a"].set_result(None)
    result = await request
    assert result.data == {"branch": {"a": {"gate": "below a"}, "b": {"gate": "below b"}}}
    assert list(result.data["branch"]) == ["a", "b"]


async def test_what_stands_below_a_null_is_cancelled_before_the_answer(gates: Gates) -> None:
    text = """{ branch { gate(name: "slow") fails(name: "fails") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates["fails"].set_result(None)
    result = await request

    assert result.data == {"branch": None}
    assert [error.path for error in result.errors or ()] == [["branch", "fails"]]
    assert gates.log == ["cancelled slow"]


async def test_branches_beside_a_null_go_on(gates: Gates) -> None:
    text = """{ dead: branch { fails(name: "fails") } branch { gate(name: "slow") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates["fails"].set_result(None)
    await turns()
    gates["slow"].set_result(None)
    result = await request

    assert result.data == {"dead": None, "branch": {"gate": "slow"}}


@pytest.mark.parametrize("names", [["one"], ["one", "two"]], ids=["one branch", "two branches"])
async def test_cancelling_a_request_cancels_what_it_started(gates: Gates, names: list[str]) -> None:
    fields = " ".join(f'{name}: gate(name: "{name}")' for name in names)
    request = asyncio.create_task(ENGINE.execute(f"{{ branch {{ {fields} }} }}", context=gates))
    await turns()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert sorted(gates.log) == sorted(f"cancelled {name}" for name in names)


@pytest.mark.parametrize("more", ["", 'gate(name: "slow")'], ids=["alone", "beside another"])
async def test_a_resolver_that_gives_up_ends_the_request(gates: Gates, more: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        await ENGINE.execute(f"{{ branch {{ givesUp {more} }} }}", context=gates)

    assert gates.log == (["cancelled slow"] if more else [])


async def test_a_resolver_that_gives_up_at_once_leaves_nothing_unawaited(gates: Gates) -> None:
    text = """{ branch { branch(name: "a") { name } givesUpAtOnce } }"""
    with pytest.raises(asyncio.CancelledError):
        await ENGINE.execute(text, context=gates)
    gc.collect()  # what was never awaited would be complained of here


async def test_a_branch_that_ignores_its_cancellation_starts_nothing_lasting(gates: Gates) -> None:
    text = """{ branch {
        stubborn(name: "never") { gate(name: "below") }
        gate(name: "beside")
    } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


def promises(gates: Gates, *names: str) -> None:
    loop = asyncio.get_running_loop()
    gates.promises = {name: loop.create_future() for name in names}


async def test_promises_are_waited_for_without_tasks(gates: Gates) -> None:
    promises(gates, "a", "b")
    text = """{ branch { a: promised(name: "a") b: promised(name: "b") c: promised(name: "b") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    assert asyncio.all_tasks() == {asyncio.current_task(), request}
    gates.promises["b"].set_result("B")
    await turns()
    gates.promises["a"].set_result("A")

    assert (await request).data == {"branch": {"a": "A", "b": "B", "c": "B"}}


async def test_a_broken_promise_is_an_error_of_its_field(gates: Gates) -> None:
    promises(gates, "broken", "kept")
    text = """{ branch { promised(name: "broken") kept: promised(name: "kept") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates.promises["broken"].set_exception(ValueError("broken"))
    gates.promises["kept"].set_result("kept")
    result = await request

    assert result.data == {"branch": {"promised": None, "kept": "kept"}}
    assert [(error.message, error.path) for error in result.errors or ()] == [
        ("broken", ["branch", "promised"])
    ]


async def test_nobody_waits_for_promises_below_a_null(gates: Gates) -> None:
    promises(gates, "broken", "never")
    text = """{ branch { surelyPromised(name: "broken") promised(name: "never") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates.promises["broken"].set_exception(ValueError("broken"))
    result = await request

    assert result.data == {"branch": None}
    assert gates.promises["never"].cancelled()


async def test_failures_that_come_together_below_one_null_are_one_error(gates: Gates) -> None:
    promises(gates, "a", "b")
    text = """{ branch { a: surelyPromised(name: "a") b: surelyPromised(name: "b") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates.promises["a"].set_exception(ValueError("a"))
    gates.promises["b"].set_exception(ValueError("b"))
    result = await request

    assert result.data == {"branch": None}
    assert [error.message for error in result.errors or ()] == ["a"]


async def test_a_promise_that_is_cancelled_ends_the_request(gates: Gates) -> None:
    promises(gates, "cancelled")
    text = """{ branch { promised(name: "cancelled") gate(name: "slow") } }"""
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates.promises["cancelled"].cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert gates.log == ["cancelled slow"]


async def test_a_timeout_in_a_resolver_is_its_own(gates: Gates) -> None:
    text = """{ branch { a: inTime(name: "never") gate(name: "slow") b: inTime(name: "open") } }"""
    gates["open"].set_result(None)
    request = asyncio.create_task(ENGINE.execute(text, context=gates))
    await turns()
    gates["slow"].set_result(None)

    assert (await request).data == {"branch": {"a": False, "gate": "slow", "b": True}}


async def test_context_variables_are_the_branchs_own(gates: Gates) -> None:
    result = await ENGINE.execute('{ branch { a: variable(name: "a") b: variable(name: "b") } }')

    assert result.data == {"branch": {"a": "a", "b": "b"}}
    assert BRANCH.get() == "none"


@strawberry.input
class Bag:
    items: list[str]


@strawberry.type
class Changing:
    @strawberry.field
    def add(self, items: list[str] | None = None, bag: Bag | None = None) -> list[str]:
        found = bag.items if bag else items or []
        found.append("more")
        return found


@strawberry.type
class ChangingQuery:
    @strawberry.field
    def changing(self) -> list[Changing]:
        return [Changing(), Changing()]


@pytest.mark.parametrize(
    ("argument", "variables"),
    [
        ('items: ["a"]', {}),
        ('bag: {items: ["a"]}', {}),
        ("items: $items", {"items": ["a"]}),
    ],
)
async def test_no_call_sees_what_another_did_to_its_arguments(
    argument: str, variables: dict[str, Any]
) -> None:
    engine = Engine(QuietSchema(ChangingQuery))
    head = "query ($items: [String!]!)" if variables else ""
    for _ in range(2):
        result = await engine.execute(
            f"{head} {{ changing {{ add({argument}) }} }}", variables=variables
        )
        assert result.data == {"changing": [{"add": ["a", "more"]}] * 2}


def test_a_leaf_is_read_once() -> None:
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
