"""Joins the parts of a sandbox to an ASGI application."""

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.sandbox.calls import CallLog
from gateway.sandbox.clock import AdjustableClock
from gateway.sandbox.control import control_routes
from gateway.sandbox.delivery import Connection
from gateway.sandbox.exchange import Exchange, Parts
from gateway.sandbox.operations import OPERATIONS
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.refusals import fault
from gateway.sandbox.requests import Handler
from gateway.sandbox.routes import customers, offers, subscriptions, upgrades
from gateway.sandbox.routes.token import token_routes
from gateway.sandbox.throttle import Throttle
from gateway.sandbox.tokens import TokenMint
from gateway.sandbox.wire import WireProfile
from gateway.sandbox.world import World

HANDLERS: dict[str, Handler] = {
    "list_customers": customers.list_customers,
    "get_customer": customers.get_customer,
    "list_subscriptions": subscriptions.list_subscriptions,
    "get_subscription": subscriptions.get_subscription,
    "list_add_ons": subscriptions.list_add_ons,
    "get_provisioning_status": subscriptions.get_provisioning_status,
    "list_upgrades": upgrades.list_upgrades,
    "perform_upgrade": upgrades.perform_upgrade,
    "list_offers": offers.list_offers,
    "get_offer": offers.get_offer,
    "list_offer_add_ons": offers.list_offer_add_ons,
    "list_offer_categories": offers.list_offer_categories,
    "list_customer_offers": offers.list_customer_offers,
    "list_customer_offer_categories": offers.list_customer_offer_categories,
}


class Sandbox:
    """An embedded Partner Center; the attributes let tests in the same process steer it."""

    def __init__(self, parts: Parts, clock: AdjustableClock) -> None:
        self._parts = parts
        self.clock = clock
        routes: list[BaseRoute] = [
            Route(
                operation.path,
                Exchange(operation, HANDLERS[operation.name], parts),
                methods=[operation.method],
            )
            for operation in OPERATIONS
            if operation.name in HANDLERS
        ]
        self.app = Starlette(
            routes=[*routes, *token_routes(parts), *control_routes(parts, clock)],
            exception_handlers={HTTPException: _fault},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; its path may be in any letter case."""
        if scope["type"] == "http":
            scope = {
                **scope,
                "path": scope["path"].lower(),
                "gateway.sandbox.path": scope["path"],
                Connection.KEY: Connection(receive, send),
            }
        await self.app(scope, receive, send)

    @property
    def world(self) -> World:
        """The customers and the catalog."""
        return self._parts.world

    @property
    def calls(self) -> CallLog:
        """What was called."""
        return self._parts.calls

    @property
    def options(self) -> SandboxOptions:
        """What the sandbox was started with."""
        return self._parts.world.options

    @property
    def throttle(self) -> Throttle:
        """The limits and what has been counted."""
        return self._parts.throttle

    @property
    def wire(self) -> WireProfile:
        """How answers look; assign another profile to change it."""
        return self._parts.wire

    @wire.setter
    def wire(self, profile: WireProfile) -> None:
        self._parts.wire = profile


def create_sandbox(
    options: SandboxOptions | None = None, *, clock: Callable[[], float] = time.time
) -> Sandbox:
    """Make a sandbox with a new world.

    Raises WorldTooLarge when the machine's memory could not hold the world.
    """
    options = options or SandboxOptions()
    adjustable = AdjustableClock(clock)
    parts = Parts(
        world=World(options, adjustable()),
        wire=options.wire,
        throttle=Throttle(options.throttle),
        calls=CallLog(options.kept_calls),
        mint=TokenMint(options.credentials, options.seed),
        clock=adjustable,
    )
    return Sandbox(parts, adjustable)


async def _fault(_: Request, error: Exception) -> Response:
    """Unknown paths and methods in the vendor's shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse(fault(1000, f"No operation of this API: {status}."), status)
