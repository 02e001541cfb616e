"""The control API `/_sandbox/…` of a running sandbox. It accepts loopback clients only."""

import dataclasses
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.sandbox import upgrades
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.operations import OPERATION_NAMES
from gateway.sandbox.options import AssertionOptions, AuditOptions, RenewalOptions, ThrottleOptions
from gateway.sandbox.parsing import parse_object
from gateway.sandbox.quirks import Quirk, WireProfile
from gateway.sandbox.state import SandboxState

_JSON = dict[str, Any]
_Options = TypeVar("_Options", AssertionOptions, AuditOptions, RenewalOptions, ThrottleOptions)
_Handler = Callable[[Request, SandboxState], Awaitable[_JSON]]
ENDPOINTS: Final = {
    "GET /_sandbox/examples": "example ids",
    "GET, DELETE /_sandbox/calls": "the log of calls",
    "GET, POST, DELETE /_sandbox/faults": "pending faults; POST one or a list",
    "POST /_sandbox/faults/release": "releases the held calls and removes the hold faults",
    "GET, POST /_sandbox/clock": 'the clock; POST {"advance_s": 60}',
    "GET, PUT /_sandbox/wire": 'quirks of the responses; PUT {"quirks": ["bom"]}',
    "GET, PUT /_sandbox/throttle": 'throttling limits; PUT {"enabled": false}',
    "GET, PUT /_sandbox/renewals": 'updates and renewals; PUT {"applies_changes": false}',
    "GET, PUT /_sandbox/audit": 'what the audit feed records; PUT {"delay_s": 0}',
    "GET, PUT /_sandbox/assertions": (
        'credentials in place of the client secret; PUT {"certificates": ["-----BEGIN …"]}'
    ),
    "GET /_sandbox/upgrades": "the number of upgrades of each subscription or customer",
    "POST /_sandbox/licenses": (
        'retires a source that an upgrade left active; POST {"customer_id", "subscription_id"}'
    ),
    "GET, DELETE /_sandbox/idempotency": "the number of responses kept for replay",
    "POST /_sandbox/reset": "restores the world of the start",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _ClockAdvance:
    advance_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class _WireQuirks:
    quirks: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _SubscriptionTarget:
    customer_id: str
    subscription_id: str


def build_control_routes(state: SandboxState) -> list[BaseRoute]:
    """Build the routes. Each responds 403 to clients on other machines."""
    table: list[tuple[str, str, _Handler]] = [
        ("GET", "", _get_index),
        ("GET", "/examples", _get_examples),
        ("GET", "/calls", _get_calls),
        ("DELETE", "/calls", _clear_calls),
        ("GET", "/faults", _get_faults),
        ("POST", "/faults", _add_faults),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/faults/release", _release_faults),
        ("GET", "/clock", _get_clock),
        ("POST", "/clock", _advance_clock),
        ("GET", "/wire", _get_wire),
        ("PUT", "/wire", _set_wire),
        ("GET", "/throttle", _get_throttle),
        ("PUT", "/throttle", _set_throttle),
        ("GET", "/renewals", _get_renewals),
        ("PUT", "/renewals", _set_renewals),
        ("GET", "/audit", _get_audit),
        ("PUT", "/audit", _set_audit),
        ("GET", "/assertions", _get_assertions),
        ("PUT", "/assertions", _set_assertions),
        ("GET", "/upgrades", _get_upgrades),
        ("POST", "/licenses", _free_licenses),
        ("GET", "/idempotency", _get_idempotency),
        ("DELETE", "/idempotency", _clear_idempotency),
        ("POST", "/reset", _reset),
    ]
    return [
        Route(f"/_sandbox{path}", _require_loopback(handler, state), methods=[method])
        for method, path, handler in table
    ]


def is_loopback(host: str | None) -> bool:
    """Whether a client is on this machine. None stands for a call within the process."""
    if host is None:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_loopback(
    handler: _Handler, state: SandboxState
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        if not is_loopback(request.client.host if request.client else None):
            return JSONResponse(
                {"error": "The control API accepts requests from this machine only."}, 403
            )
        try:
            return JSONResponse(await handler(request, state))
        except (ValueError, VendorError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except RecursionError:
            return JSONResponse(
                {"error": "The JSON of the request body is nested too deeply."}, 400
            )

    return handle


async def _read_object(request: Request) -> _JSON:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError(f"expected a JSON object, got {type(body).__name__}")
    return body


async def _read_options(request: Request, current: _Options) -> _Options:
    """Read options from the body. Missing members keep their current values."""
    merged = {**dataclasses.asdict(current), **await _read_object(request)}
    return parse_object(merged, type(current))


async def _get_index(_: Request, __: SandboxState) -> _JSON:
    return {
        "addresses": ENDPOINTS,
        "faultKinds": list(FaultKind),
        "operations": sorted(OPERATION_NAMES),
        "quirks": list(Quirk),
    }


async def _get_examples(_: Request, state: SandboxState) -> _JSON:
    return dataclasses.asdict(state.world.examples)


async def _get_calls(_: Request, state: SandboxState) -> _JSON:
    return {
        "count": len(state.calls),
        "in_flight": state.calls.in_flight,
        "max_in_flight": state.calls.max_in_flight,
        "calls": [call.to_json() for call in state.calls],
        "token_requests": [call.to_json() for call in state.calls.token_requests],
    }


async def _clear_calls(request: Request, state: SandboxState) -> _JSON:
    state.calls.clear()
    return await _get_calls(request, state)


async def _get_faults(_: Request, state: SandboxState) -> _JSON:
    return {"faults": state.faults.to_json()}


async def _add_faults(request: Request, state: SandboxState) -> _JSON:
    body = await request.json()
    faults = [Fault.from_json(each) for each in (body if isinstance(body, list) else [body])]
    state.faults.add(*faults)
    return await _get_faults(request, state)


async def _clear_faults(request: Request, state: SandboxState) -> _JSON:
    state.faults.clear()
    return await _get_faults(request, state)


async def _release_faults(request: Request, state: SandboxState) -> _JSON:
    state.faults.release()
    return await _get_faults(request, state)


async def _get_clock(_: Request, state: SandboxState) -> _JSON:
    return {"now_s": state.clock()}


async def _advance_clock(request: Request, state: SandboxState) -> _JSON:
    state.clock.advance(parse_object(await _read_object(request), _ClockAdvance).advance_s)
    return await _get_clock(request, state)


async def _get_wire(_: Request, state: SandboxState) -> _JSON:
    return {"quirks": sorted(state.wire.quirks)}


async def _set_wire(request: Request, state: SandboxState) -> _JSON:
    state.wire = WireProfile.from_names(
        parse_object(await _read_object(request), _WireQuirks).quirks
    )
    return await _get_wire(request, state)


async def _get_throttle(_: Request, state: SandboxState) -> _JSON:
    return dataclasses.asdict(state.throttle.options)


async def _set_throttle(request: Request, state: SandboxState) -> _JSON:
    state.throttle.configure(await _read_options(request, state.throttle.options))
    return await _get_throttle(request, state)


async def _get_renewals(_: Request, state: SandboxState) -> _JSON:
    return dataclasses.asdict(state.world.renewals)


async def _set_renewals(request: Request, state: SandboxState) -> _JSON:
    state.world.renewals = await _read_options(request, state.world.renewals)
    return await _get_renewals(request, state)


async def _get_audit(_: Request, state: SandboxState) -> _JSON:
    return dataclasses.asdict(state.world.audit.options)


async def _set_audit(request: Request, state: SandboxState) -> _JSON:
    state.world.audit.options = await _read_options(request, state.world.audit.options)
    return await _get_audit(request, state)


async def _get_assertions(_: Request, state: SandboxState) -> _JSON:
    return dataclasses.asdict(state.assertions.options)


async def _set_assertions(request: Request, state: SandboxState) -> _JSON:
    state.assertions.options = await _read_options(request, state.assertions.options)
    return await _get_assertions(request, state)


async def _get_upgrades(_: Request, state: SandboxState) -> _JSON:
    return {"performed": dict(state.world.upgrades_performed)}


async def _free_licenses(request: Request, state: SandboxState) -> _JSON:
    """Retire a source that stayed active because users still held its licenses (G3)."""
    target, world = parse_object(await _read_object(request), _SubscriptionTarget), state.world
    customer, source = world.get_subscription(
        target.customer_id, target.subscription_id, state.clock()
    )
    world.save(customer)
    upgrades.set_source_status(
        source, SubscriptionStatus[world.options.source_after_upgrade.upper()]
    )
    return {"subscription_id": source.id, "status": source.status.value}


async def _get_idempotency(_: Request, state: SandboxState) -> _JSON:
    return {"remembered": len(state.idempotency)}


async def _clear_idempotency(request: Request, state: SandboxState) -> _JSON:
    state.idempotency.clear()
    return await _get_idempotency(request, state)


async def _reset(request: Request, state: SandboxState) -> _JSON:
    state.reset()
    return await _get_examples(request, state)
