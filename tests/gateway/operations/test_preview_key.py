"""The key that signs previews, in the stores that keep it."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from gateway.operations.preview_key import PreviewKey, PrincipalPreviewSigner
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreHealth
from resolvers.ports.errors import OperationsUnavailable
from tests.gateway.operations.batching import running
from tests.support.clock import FakeClock
from tests.support.fake_partner import FakePartner
from tests.support.stores import execute_sql, open_store
from tests.support.waiting import LONG_TIMEOUTS

ROTATION: Final = {
    "sqlite": "DELETE FROM keys",
    "postgresql": "DELETE FROM upgrade_gateway.keys",
}
GUIDE: Final = Path(__file__).parents[3] / "docs/guides/replicas.md"
PROCESSES: Final = 8


async def test_processes_that_start_at_the_same_time_share_one_key(database_url: str) -> None:
    stores = [build_store(database_url, LONG_TIMEOUTS) for _ in range(PROCESSES)]
    await asyncio.gather(*(each.open() for each in stores))
    keys = await asyncio.gather(
        *(each.preview_key(bytes([number]) * 32) for number, each in enumerate(stores))
    )
    assert len(set(keys)) == 1
    assert await stores[0].preview_key(b"another") == keys[0]
    await asyncio.gather(*(each.close() for each in stores))


async def test_a_key_outlives_its_process_and_serves_each_principal_alone(
    database_url: str,
) -> None:
    signatures = []
    for _ in range(2):
        async with running(database_url, FakePartner(FakeClock())) as engine:
            mine = PrincipalPreviewSigner(engine.preview_key, "somebody")
            other = PrincipalPreviewSigner(engine.preview_key, "another")
            signatures.append([await each.sign("content") for each in (mine, other)])
    assert signatures[0] == signatures[1]
    assert len(set(signatures[0])) == 2


async def test_the_documented_statement_makes_every_process_take_a_new_key(
    database_url: str,
) -> None:
    statement = ROTATION[database_url.partition(":")[0]]
    assert f"`{statement};`" in GUIDE.read_text("utf-8")
    async with (
        running(database_url, FakePartner(FakeClock())) as engine,
        open_store(database_url) as store,
    ):
        other = PreviewKey(store, engine.health)
        await other.load()
        before = await engine.preview_key.sign("somebody", "content")
        execute_sql(database_url, statement)
        for each in (engine.preview_key, other):
            await each.load()
        after = await engine.preview_key.sign("somebody", "content")
        assert await other.sign("somebody", "content") == after != before


async def test_without_a_key_no_preview_is_signed(tmp_path: Path) -> None:
    store = build_store(f"sqlite:///{tmp_path}/operations.db", LONG_TIMEOUTS)
    timeouts = replace(LONG_TIMEOUTS, open_s=0.0)
    health = StoreHealth(lambda: store.renew_lease("one"), timeouts, FakeClock().monotonic)
    with pytest.raises(OperationsUnavailable, match="operations are starting"):
        await PreviewKey(store, health).sign("somebody", "content")


async def test_the_key_is_not_in_its_representation(database_url: str) -> None:
    async with running(database_url, FakePartner(FakeClock())) as engine:
        secret = await engine.store.preview_key(b"")
        assert repr(secret)[2:-1] not in repr(engine.preview_key) + repr(engine.store)
        assert len(secret) == 32
