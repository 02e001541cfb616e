"""`/live` and `/ready`, for whoever decides to restart this process or to send it traffic."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATHS = ("/live", "/ready")
# An answer about now is wrong a moment later.
NOT_CACHED = {"Cache-Control": "no-store"}


class ReadinessStatus(StrEnum):
    """Degraded still answers requests, if not all of them fully; unavailable should get none."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One thing that readiness depends on; the detail is a sentence for people, free of secrets."""

    status: ReadinessStatus
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be answered now, and the checks that say so, by name."""

    status: ReadinessStatus
    checks: Mapping[str, ReadinessCheck] = field(default_factory=dict)

    @classmethod
    def from_checks(cls, checks: Mapping[str, ReadinessCheck]) -> "Readiness":
        """As good as the worst of the checks."""
        order = list(ReadinessStatus)
        worst = max((check.status for check in checks.values()), key=order.index, default=order[0])
        return cls(worst, checks)


def routes(readiness: Callable[[], Awaitable[Readiness]]) -> list[Route]:
    """Both probes; `readiness` bounds its own time and raises nothing.

    `/live` asks nothing else, so that a slow upstream never gets the process restarted.
    """

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=NOT_CACHED)

    async def ready(request: Request) -> Response:
        found = await readiness()
        status_code = 503 if found.status is ReadinessStatus.UNAVAILABLE else 200
        return JSONResponse(_as_json(found), status_code, headers=NOT_CACHED)

    return [Route(path, probe) for path, probe in zip(PATHS, (live, ready), strict=True)]


def _as_json(readiness: Readiness) -> dict[str, object]:
    checks = {
        name: {"status": check.status.value, "detail": check.detail}
        for name, check in readiness.checks.items()
    }
    return {"status": readiness.status.value, "checks": checks}
