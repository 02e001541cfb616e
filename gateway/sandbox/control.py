"""The control address `/_sandbox/…`: steers a running sandbox, from this machine alone."""

import dataclasses
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.sandbox import upgrades
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.operations import OPERATION_NAMES
from gateway.sandbox.options import ThrottleOptions
from gateway.sandbox.parsing import parse_object
from gateway.sandbox.quirks import Quirk, WireProfile
from gateway.sandbox.state import SandboxState

_JSON = dict[str, Any]
_Handler = Callable[[Request, SandboxState], Awaitable[_JSON]]
ADDRESSES: Final = {
    "GET /_sandbox/examples": "ids worth trying",
    "GET, DELETE /_sandbox/calls": "what was called",
    "GET, POST, DELETE /_sandbox/faults": "faults to come; POST one or a list of them",
    "POST /_sandbox/faults/release": "lets the calls go on that a fault holds, and holds no more",
    "GET, POST /_sandbox/clock": 'the time; POST {"advance_s": 60}',
    "GET, PUT /_sandbox/wire": 'quirks of the answers; PUT {"quirks": ["bom"]}',
    "GET, PUT /_sandbox/throttle": 'limits; PUT {"enabled": false}',
    "GET /_sandbox/upgrades": "how often each subscription or customer was really upgraded",
    "POST /_sandbox/licenses": 'frees a source whose users were stuck; POST {"customer_id": …}',
    "GET, DELETE /_sandbox/idempotency": "how many answers are remembered",
    "POST /_sandbox/reset": "the world as it began",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Advance:
    advance_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class _Wire:
    quirks: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _SubscriptionTarget:
    customer_id: str
    subscription_id: str


def control_routes(parts: SandboxState) -> list[BaseRoute]:
    """The routes, each refused to other machines."""
    table: list[tuple[str, str, _Handler]] = [
        ("GET", "", _index),
        ("GET", "/examples", _examples),
        ("GET", "/calls", _calls),
        ("DELETE", "/calls", _clear_calls),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_faults),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/faults/release", _release_faults),
        ("GET", "/clock", _clock),
        ("POST", "/clock", _advance_clock),
        ("GET", "/wire", _wire),
        ("PUT", "/wire", _set_wire),
        ("GET", "/throttle", _throttle),
        ("PUT", "/throttle", _set_throttle),
        ("GET", "/upgrades", _upgrades),
        ("POST", "/licenses", _free_licenses),
        ("GET", "/idempotency", _idempotency),
        ("DELETE", "/idempotency", _clear_idempotency),
        ("POST", "/reset", _reset),
    ]
    return [
        Route(f"/_sandbox{path}", _require_loopback(handler, parts), methods=[method])
        for method, path, handler in table
    ]


def is_loopback(host: str | None) -> bool:
    """Whether a client's address is this machine's own; None is a call within the process."""
    if host is None:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_loopback(
    handler: _Handler, parts: SandboxState
) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        if not is_loopback(request.client.host if request.client else None):
            return JSONResponse({"error": "the control address serves this machine alone"}, 403)
        try:
            return JSONResponse(await handler(request, parts))
        except (ValueError, VendorError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        except RecursionError:
            return JSONResponse({"error": "the body's JSON is nested too deeply"}, 400)

    return guarded


async def _object(request: Request) -> _JSON:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError(f"expected a JSON object, got {type(body).__name__}")
    return body


async def _index(_: Request, __: SandboxState) -> _JSON:
    return {
        "addresses": ADDRESSES,
        "faultKinds": list(FaultKind),
        "operations": sorted(OPERATION_NAMES),
        "quirks": list(Quirk),
    }


async def _examples(_: Request, parts: SandboxState) -> _JSON:
    return dataclasses.asdict(parts.world.examples)


async def _calls(_: Request, parts: SandboxState) -> _JSON:
    return {
        "count": len(parts.calls),
        "in_flight": parts.calls.in_flight,
        "max_in_flight": parts.calls.max_in_flight,
        "calls": [call.as_json() for call in parts.calls],
        "token_requests": [call.as_json() for call in parts.calls.token_requests],
    }


async def _clear_calls(request: Request, parts: SandboxState) -> _JSON:
    parts.calls.clear()
    return await _calls(request, parts)


async def _faults(_: Request, parts: SandboxState) -> _JSON:
    return {"faults": parts.faults.as_json()}


async def _add_faults(request: Request, parts: SandboxState) -> _JSON:
    body = await request.json()
    faults = [Fault.from_json(each) for each in (body if isinstance(body, list) else [body])]
    parts.faults.add(*faults)
    return await _faults(request, parts)


async def _clear_faults(request: Request, parts: SandboxState) -> _JSON:
    parts.faults.clear()
    return await _faults(request, parts)


async def _release_faults(request: Request, parts: SandboxState) -> _JSON:
    parts.faults.release()
    return await _faults(request, parts)


async def _clock(_: Request, parts: SandboxState) -> _JSON:
    return {"now_s": parts.clock()}


async def _advance_clock(request: Request, parts: SandboxState) -> _JSON:
    parts.clock.advance(parse_object(await _object(request), _Advance).advance_s)
    return await _clock(request, parts)


async def _wire(_: Request, parts: SandboxState) -> _JSON:
    return {"quirks": sorted(parts.wire.quirks)}


async def _set_wire(request: Request, parts: SandboxState) -> _JSON:
    parts.wire = WireProfile.of(parse_object(await _object(request), _Wire).quirks)
    return await _wire(request, parts)


async def _throttle(_: Request, parts: SandboxState) -> _JSON:
    return dataclasses.asdict(parts.throttle.options)


async def _set_throttle(request: Request, parts: SandboxState) -> _JSON:
    now = dataclasses.asdict(parts.throttle.options)
    parts.throttle.configure(parse_object({**now, **await _object(request)}, ThrottleOptions))
    return await _throttle(request, parts)


async def _upgrades(_: Request, parts: SandboxState) -> _JSON:
    return {"performed": dict(parts.world.upgrades_performed)}


async def _free_licenses(request: Request, parts: SandboxState) -> _JSON:
    """Retire a source which had stayed active because users still held its licenses (G3)."""
    held, world = parse_object(await _object(request), _SubscriptionTarget), parts.world
    account, source = world.subscription(held.customer_id, held.subscription_id, parts.clock())
    world.save(account)
    upgrades.suspend_source(source, SubscriptionStatus[world.options.source_after_upgrade.upper()])
    return {"subscription_id": source.id, "status": source.status.value}


async def _idempotency(_: Request, parts: SandboxState) -> _JSON:
    return {"remembered": len(parts.idempotency)}


async def _clear_idempotency(request: Request, parts: SandboxState) -> _JSON:
    parts.idempotency.clear()
    return await _idempotency(request, parts)


async def _reset(request: Request, parts: SandboxState) -> _JSON:
    parts.reset()
    return await _examples(request, parts)
