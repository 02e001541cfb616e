import httpx
import pytest
from starlette.applications import Starlette

from gateway.edge.site.probes import Readiness, ReadinessCheck, ReadinessStatus, routes

READY = ReadinessCheck(ReadinessStatus.READY, "answered")
DEGRADED = ReadinessCheck(ReadinessStatus.DEGRADED, "paused for 3 s")
UNAVAILABLE = ReadinessCheck(ReadinessStatus.UNAVAILABLE, "refused the token")


def client(readiness: Readiness) -> httpx.AsyncClient:
    async def evaluate() -> Readiness:
        return readiness

    app = Starlette(routes=routes(evaluate))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


async def test_live_is_ok_when_nothing_else_works() -> None:
    async with client(Readiness.from_checks({"token": UNAVAILABLE})) as http:
        response = await http.get("/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("checks", "status_code", "status"),
    [
        ({}, 200, "ready"),
        ({"upstream": READY}, 200, "ready"),
        ({"upstream": READY, "throttle": DEGRADED}, 200, "degraded"),
        ({"token": UNAVAILABLE, "throttle": DEGRADED}, 503, "unavailable"),
    ],
    ids=["nothing-to-check", "ready", "degraded-still-answers", "unavailable"],
)
async def test_ready_has_the_status_of_its_worst_check(
    checks: dict[str, ReadinessCheck], status_code: int, status: str
) -> None:
    async with client(Readiness.from_checks(checks)) as http:
        response = await http.get("/ready")
    assert (response.status_code, response.json()["status"]) == (status_code, status)
    assert response.headers["cache-control"] == "no-store"


async def test_ready_lists_each_check_with_its_detail() -> None:
    async with client(Readiness.from_checks({"upstream": READY, "throttle": DEGRADED})) as http:
        response = await http.get("/ready")
    assert response.json()["checks"] == {
        "upstream": {"status": "ready", "detail": "answered"},
        "throttle": {"status": "degraded", "detail": "paused for 3 s"},
    }
