"""The registration for webhook events, under a base of its own (CONTRACT 4.24 to 4.27, Q41)."""

import math
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from gateway.sandbox.bodies.envelope import Body
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid
from gateway.sandbox.responses import throttled_response
from gateway.sandbox.timestamps import Timestamp
from gateway.sandbox.webhooks import EVENTS, TEST_EVENT, Registration, find_event
from gateway.sandbox.world import World


def list_events(_: World, __: HandlerRequest) -> HandlerResponse:
    """Return the names of events as an array, not as the usual collection."""
    return HandlerResponse(list(EVENTS))


def get_registration(world: World, request: HandlerRequest) -> HandlerResponse:
    return HandlerResponse(_build_body(_require_registration(world), request))


def create_registration(world: World, request: HandlerRequest) -> HandlerResponse:
    """Register a callback. A partner can have one, and cannot delete it."""
    if world.webhooks.registration is not None:
        raise VendorError(409, 1000, "There is a registration already; replace it with PUT.")
    return replace_registration(world, request)


def replace_registration(world: World, request: HandlerRequest) -> HandlerResponse:
    registration = _parse_registration(request.parse_json())
    world.webhooks.registration = registration
    return HandlerResponse(_build_body(registration, request))


def send_test_event(world: World, request: HandlerRequest) -> HandlerResponse:
    """Send the event `test-created`, at most twice a minute."""
    registration = _require_registration(world)
    if TEST_EVENT not in registration.events:
        raise invalid_input_error(f"the registration does not have the event {TEST_EVENT}")
    delay_s = world.webhooks.count_test_event(request.now_s)
    if delay_s > 0:
        return throttled_response(max(1, math.ceil(delay_s)))
    correlation_id = request.headers.get("ms-correlationid") or str(uuid4())
    world.webhooks.send_test_event(correlation_id, registration.url, request.now_s)
    return HandlerResponse({"correlationId": correlation_id})


def get_test_event(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return the state of a test event, with one result for each delivery."""
    correlation_id = request.path["correlation"]
    found = world.webhooks.find_test_event(correlation_id, request.now_s)
    if found is None:
        raise VendorError(404, 1000, f"The test event {correlation_id} was not found.")
    sent = Timestamp(found.sent_s, digits=7).format().removesuffix("Z")
    result = {
        "responseCode": "OK",
        "responseMessage": "",
        "systemError": False,
        "dateTimeUtc": sent,
    }
    return HandlerResponse(
        {
            "correlationId": correlation_id,
            "partnerId": request.caller.tenant_id,
            "status": "completed",
            "callbackUrl": found.callback_url,
            "results": [result],
        }
    )


def _require_registration(world: World) -> Registration:
    if world.webhooks.registration is None:
        raise VendorError(404, 1000, "There is no registration.")
    return world.webhooks.registration


def _parse_registration(body: dict[str, Any]) -> Registration:
    url, events = body.get("webhookurl"), body.get("webhookevents")
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"}:
        raise invalid_input_error("WebhookUrl is not a URL")
    if not isinstance(events, list):
        raise invalid_input_error("WebhookEvents is missing")
    known = [find_event(str(each)) for each in events]
    if None in known:
        raise invalid_input_error(f"WebhookEvents has unknown names; {', '.join(EVENTS)} are known")
    uses_own_header = body.get("signaturetokentomssignatureheader")
    return Registration(
        url=url,
        events=tuple(each for each in known if each is not None),
        uses_own_header=None if uses_own_header is None else bool(uses_own_header),
    )


def _build_body(registration: Registration, request: HandlerRequest) -> Body:
    """Build a registration in PascalCase, as the sample shows it (Q42)."""
    body: Body = {
        "SubscriberId": guid("subscriber", request.caller.tenant_id),
        "WebhookUrl": registration.url,
        "WebhookEvents": list(registration.events),
    }
    if registration.uses_own_header is not None:
        body["SignatureTokenToMsSignatureHeader"] = registration.uses_own_header
    return body
