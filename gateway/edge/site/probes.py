"""`/live` and `/ready`, for whatever restarts this process or routes traffic to it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATHS = ("/live", "/ready")
_NO_STORE = {"Cache-Control": "no-store"}


class ReadinessStatus(StrEnum):
    """How ready the process is.

    If DEGRADED, it should receive traffic although some requests fail.
    """

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """The status of one dependency; the detail is a sentence for people, free of secrets."""

    status: ReadinessStatus
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """The status of the process, and the checks that it results from, by name."""

    status: ReadinessStatus
    checks: Mapping[str, ReadinessCheck] = field(default_factory=dict)

    @classmethod
    def from_checks(cls, checks: Mapping[str, ReadinessCheck]) -> "Readiness":
        """Build the readiness, whose status is the worst of the checks."""
        order = list(ReadinessStatus)
        worst = max((check.status for check in checks.values()), key=order.index, default=order[0])
        return cls(worst, checks)


def routes(evaluate_readiness: Callable[[], Awaitable[Readiness]]) -> list[Route]:
    """Build `/live` and `/ready`.

    `/live` checks nothing, so that a slow upstream never gets the process restarted.

    Args:
        evaluate_readiness: runs the checks; has its own timeout and raises nothing.
    """

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def ready(request: Request) -> Response:
        readiness = await evaluate_readiness()
        status_code = 503 if readiness.status is ReadinessStatus.UNAVAILABLE else 200
        return JSONResponse(_to_json(readiness), status_code, headers=_NO_STORE)

    return [Route(path, probe) for path, probe in zip(PATHS, (live, ready), strict=True)]


def _to_json(readiness: Readiness) -> dict[str, object]:
    checks = {
        name: {"status": check.status.value, "detail": check.detail}
        for name, check in readiness.checks.items()
    }
    return {"status": readiness.status.value, "checks": checks}
