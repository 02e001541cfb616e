from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.families.base import UpstreamAccess
from gateway.families.product_upgrade_streams import ProductUpgradeStreams
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.upstream.errors import Unauthorized, Unavailable, UpstreamNotFound
from gateway.upstream.scope import CallBudget, RequestScope
from schema.keys import ProductUpgradeKey, ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus, ProductUpgradeState
from tests.support.clock import FakeClock
from tests.support.directory import StubDirectory
from tests.support.fake_partner import FakePartner
from tests.support.waiting import LONG_TIMEOUTS

KEY = ProductUpgradeStatusKey("upgrade-1", ProductUpgradeKey("customer-1", "azure"))
PENDING = ProductUpgradesStatus(id="upgrade-1", status=ProductUpgradeState.PENDING)  # type: ignore[arg-type]
FAILED = ProductUpgradesStatus(id="upgrade-1", status=ProductUpgradeState.FAILED)  # type: ignore[arg-type]


class Script(StubDirectory):
    """Returns the scripted results of status calls, in turn."""

    def __init__(self, responses: Sequence[Any]) -> None:
        super().__init__()
        self._script = list(responses)

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        response: ProductUpgradesStatus | Exception = self._script.pop(0)
        if isinstance(response, Exception):
            raise response
        return response


def scope_of(principal: str, correlation_id: str | None) -> RequestScope | None:
    if principal == "gone":
        return None
    return RequestScope("partner", "correlation-1", 0.0, CallBudget(10))


def watches(path: Path, clock: FakeClock, responses: Sequence[Any]) -> ProductUpgradeStreams:
    store = build_store(f"sqlite:///{path}/operations.db", LONG_TIMEOUTS)
    engine = OperationRuntime(
        store, FakePartner(clock), clock, lines_at_once=1, timeouts=LONG_TIMEOUTS
    )
    directory = Script(responses)

    def commands(scope: RequestScope, request_id: str) -> Any:
        raise AssertionError("nothing is written")

    return ProductUpgradeStreams(
        UpstreamAccess(scope_of, lambda scope: directory, commands, clock, OperationCallCounter()),
        engine,
    )


async def test_a_transient_error_does_not_end_the_stream(tmp_path: Path) -> None:
    clock = FakeClock()
    error = Unavailable("not now")
    watched = watches(tmp_path, clock, [PENDING, error, error, PENDING, FAILED])

    assert [found async for found in watched.watch("somebody", KEY)] == [PENDING, FAILED]
    assert clock.slept == [5, 10, 20, 40]


async def test_a_permanent_error_ends_the_stream(tmp_path: Path) -> None:
    watched = watches(tmp_path, FakeClock(), [PENDING, UpstreamNotFound("it is gone")])
    found = watched.watch("somebody", KEY)

    assert await anext(found) == PENDING
    with pytest.raises(UpstreamNotFound, match="it is gone"):
        await anext(found)


async def test_a_stream_without_a_token_is_unauthorized(tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match="Subscribe again"):
        watches(tmp_path, FakeClock(), []).watch("gone", KEY)
