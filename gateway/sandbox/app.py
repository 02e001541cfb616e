"""The sandbox as an ASGI application."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.sandbox.call_handler import ORIGINAL_PATH, CallHandler
from gateway.sandbox.call_log import CallLog
from gateway.sandbox.capacity import check_capacity, get_memory_bytes
from gateway.sandbox.clock import AdjustableClock
from gateway.sandbox.control import build_control_routes
from gateway.sandbox.errors import build_error_body
from gateway.sandbox.faults import FaultScript
from gateway.sandbox.handler_request import Handler
from gateway.sandbox.operations import OPERATIONS
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.quirks import WireProfile
from gateway.sandbox.response_writer import ResponseWriter
from gateway.sandbox.routes import (
    audit,
    custom_end_dates,
    customers,
    offers,
    product_upgrades,
    products,
    promotions,
    subscriptions,
    transitions,
    upgrades,
    webhooks,
)
from gateway.sandbox.routes.token import TokenEndpoint
from gateway.sandbox.state import SandboxState
from gateway.sandbox.throttle import Throttle
from gateway.sandbox.world import World

HANDLERS: Final[Mapping[str, Handler]] = {
    "list_customers": customers.list_customers,
    "get_customer": customers.get_customer,
    "list_subscriptions": subscriptions.list_subscriptions,
    "get_subscription": subscriptions.get_subscription,
    "update_subscription": subscriptions.update_subscription,
    "list_add_ons": subscriptions.list_add_ons,
    "get_provisioning_status": subscriptions.get_provisioning_status,
    "list_upgrades": upgrades.list_upgrades,
    "perform_upgrade": upgrades.perform_upgrade,
    "get_product_upgrade_eligibility": product_upgrades.get_eligibility,
    "create_product_upgrade": product_upgrades.create_product_upgrade,
    "get_product_upgrade_status": product_upgrades.get_status,
    "list_offers": offers.list_offers,
    "get_offer": offers.get_offer,
    "list_offer_add_ons": offers.list_offer_add_ons,
    "list_offer_categories": offers.list_offer_categories,
    "list_customer_offers": offers.list_customer_offers,
    "list_customer_offer_categories": offers.list_customer_offer_categories,
    "list_transition_eligibilities": transitions.list_eligibilities,
    "list_transitions": transitions.list_transitions,
    "list_custom_end_dates": custom_end_dates.list_dates,
    "verify_promotions": promotions.verify_promotions,
    "get_product": products.get_product,
    "get_sku": products.get_sku,
    "list_availabilities": products.list_availabilities,
    "get_availability": products.get_availability,
    "list_webhook_events": webhooks.list_events,
    "get_webhook_registration": webhooks.get_registration,
    "create_webhook_registration": webhooks.create_registration,
    "replace_webhook_registration": webhooks.replace_registration,
    "send_test_event": webhooks.send_test_event,
    "get_test_event": webhooks.get_test_event,
    "list_audit_records": audit.list_records,
    "get_audit_record": audit.get_record,
    "create_transition": transitions.create_transition,
}


class Sandbox:
    """The sandbox as an ASGI app. Tests in the same process control it through its properties."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self.app = Starlette(
            routes=[
                *_build_operation_routes(state),
                *_build_token_routes(state),
                *build_control_routes(state),
            ],
            exception_handlers={HTTPException: _handle_http_exception},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # The vendor compares paths without case; the routes are in lower case.
            scope = {
                **scope,
                "path": scope["path"].lower(),
                ORIGINAL_PATH: scope["path"],
                ResponseWriter.SCOPE_KEY: ResponseWriter(receive, send),
            }
        await self.app(scope, receive, send)

    @property
    def world(self) -> World:
        return self._state.world

    @property
    def calls(self) -> CallLog:
        return self._state.calls

    @property
    def faults(self) -> FaultScript:
        return self._state.faults

    @property
    def clock(self) -> AdjustableClock:
        return self._state.clock

    @property
    def options(self) -> SandboxOptions:
        return self._state.world.options

    @property
    def throttle(self) -> Throttle:
        return self._state.throttle

    @property
    def wire(self) -> WireProfile:
        return self._state.wire

    @wire.setter
    def wire(self, profile: WireProfile) -> None:
        self._state.wire = profile

    def reset(self) -> None:
        """Restore the customers, limits and wire profile of the start. The clock keeps its time."""
        self._state.reset()


def create_sandbox(
    options: SandboxOptions | None = None, *, clock: Callable[[], float] = time.time
) -> Sandbox:
    """Create a sandbox. Raises WorldTooLarge if its customers may not fit into memory."""
    options = options or SandboxOptions()
    check_capacity(options, get_memory_bytes())
    return Sandbox(SandboxState.create(options, AdjustableClock(clock)))


def describe(sandbox: Sandbox, url: str) -> str:
    """Return the text to print when a sandbox is served at `url`."""
    options, examples = sandbox.options, sandbox.world.examples
    token = options.credentials.developer_token
    size = f"{options.customers:,} customers with {options.subscriptions_per_customer:,}"
    return "\n".join(
        (
            f"Partner Center sandbox at {url}",
            f"  world    {size} subscriptions each, seed {options.seed}",
            f"  token    {token} (or POST {url}/{options.credentials.tenant_id}/oauth2/token)",
            f"  control  {url}/_sandbox",
            f"  try      curl -H 'Authorization: Bearer {token}' \\",
            f"             {url}/v1/customers/{examples.customer_id}/subscriptions",
        )
    )


def _build_operation_routes(state: SandboxState) -> list[BaseRoute]:
    return [
        Route(
            operation.path,
            CallHandler(operation, HANDLERS[operation.name], state),
            methods=[operation.method],
        )
        for operation in OPERATIONS
    ]


def _build_token_routes(state: SandboxState) -> list[BaseRoute]:
    endpoint = TokenEndpoint(state)
    paths = ("/{tenant}/oauth2/token", "/{tenant}/oauth2/v2.0/token")
    return [Route(path, endpoint, methods=["POST"]) for path in paths]


async def _handle_http_exception(request: Request, error: Exception) -> Response:
    """Respond to unknown paths and methods with an error body like the vendor's."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = f"There is no operation {request.method} {request.url.path}."
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(build_error_body(1000, text), status, headers)
