"""Writes: each is built as one call, gets a slot, is sent once, and its response is decoded.

Source: CONTRACT 4.8, 4.10, 4.18, 4.19.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

import msgspec

from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.client import UpstreamClient
from gateway.upstream.decoding import UnexpectedErrorBody
from gateway.upstream.error_body import sanitize
from gateway.upstream.errors import UpstreamError
from gateway.upstream.models import product_upgrade
from gateway.upstream.models.subscription import decode_subscription
from gateway.upstream.models.transition import decode_transition
from gateway.upstream.models.upgrade_result import decode_upgrade_result
from gateway.upstream.scheduled_changes import (
    ScheduleCommand,
    build_full_read,
    build_schedule_call,
    decode_full_subscription,
)
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import UpstreamResponse
from gateway.upstream.transport.response_body import to_utf8
from gateway.upstream.write_outcome import (
    Accepted,
    NeverSent,
    Rejected,
    Unconfirmed,
    unreadable_response,
)
from gateway.upstream.writes import WriteSlot
from schema.customer_subscription import CustomerSubscription
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.transition import Transition
from schema.upgrade import UpgradeResult, UpgradeType

T = TypeVar("T")

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_COLLECTION: Final = "productupgrades"
# Matches "original upgrade {id}", "upgrade request {id}", "upgrade ID {id}", "upgradeId: '{id}'".
_UPGRADE_ID: Final = re.compile(
    r"upgrade(?:\s+request)?(?:\s+with)?(?:(?:\s+the)?[\s_-]*id)?[\s:=\"'(\[{<]+"
    rf"({_GUID.pattern})(?![0-9a-z-])",
    re.IGNORECASE,
)
# CONTRACT 6.1: the number is what the vendor's own sample sends.
_UPGRADE_TYPE_NUMBERS: Final = {
    UpgradeType.UPGRADE_ONLY: 1,
    UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER: 2,
}


@dataclass(frozen=True, slots=True)
class CommandResult(Generic[T]):
    """The response to an accepted write.

    Attributes:
        value: the decoded body.
        body: the body as the vendor sent it.
        status: a 2xx status.
    """

    value: T
    body: bytes
    status: int


CommandOutcome = NeverSent | Unconfirmed | Rejected | CommandResult[T]


@dataclass(frozen=True, slots=True)
class PreparedCommand(Generic[T]):
    """A write that may be sent now. It holds one of few slots, so send or release it soon.

    Args:
        read: decodes a 2xx response; raises ValueError.
    """

    _slot: WriteSlot
    _read: Callable[[UpstreamResponse], T]

    async def send(self) -> CommandOutcome[T]:
        """Send the write once."""
        outcome = await self._slot.send()
        if not isinstance(outcome, Accepted):
            return outcome
        try:
            response = outcome.response
            return CommandResult(self._read(response), response.body, response.status)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            code = error.code if isinstance(error, UnexpectedErrorBody) else None
            return unreadable_response(outcome, sanitize(str(error), max_chars=200), code)

    def release(self) -> None:
        """Free the slot without sending. Idempotent, and safe after `send`."""
        self._slot.release()


@dataclass(frozen=True, slots=True)
class UpgradeCommand:
    """An upgrade of a license subscription."""

    source: SubscriptionKey
    target_offer_id: str
    upgrade_type: UpgradeType
    quantity: int


@dataclass(frozen=True, slots=True)
class TransitionCommand:
    """A transition of a subscription. `members` are those of the body in CONTRACT 4.18."""

    source: SubscriptionKey
    members: Mapping[str, str | int]


class PartnerCommands:
    """Prepares writes to Partner Center. Each is sent at most once.

    The methods return `NeverSent` if a write cannot be prepared.

    Args:
        request_id: the operation's request id, the same on every attempt.
    """

    def __init__(self, client: UpstreamClient, scope: RequestScope, request_id: str) -> None:
        self._client = client
        self._scope = scope
        self._request_id = request_id

    async def prepare_upgrade(
        self, command: UpgradeCommand
    ) -> PreparedCommand[UpgradeResult] | NeverSent:
        body = {
            "targetOffer": {"id": command.target_offer_id},
            "upgradeType": _UPGRADE_TYPE_NUMBERS[command.upgrade_type],
            "quantity": command.quantity,
        }
        return await self._prepare(
            Call(
                endpoints.PERFORM_UPGRADE,
                _path_arguments(command.source),
                body=msgspec.json.encode(body),
            ),
            lambda response: decode_upgrade_result(response.body, command.source.customer_id),
        )

    async def prepare_product_upgrade(
        self, key: ProductUpgradeKey
    ) -> PreparedCommand[str] | NeverSent:
        """Prepare the upgrade of a customer's products. Its result is the id of the upgrade."""
        return await self._prepare(
            Call(endpoints.CREATE_PRODUCT_UPGRADE, body=product_upgrade.encode_request(key)),
            _decode_created_upgrade_id,
        )

    async def prepare_transition(
        self, command: TransitionCommand
    ) -> PreparedCommand[Transition] | NeverSent:
        body = msgspec.json.encode(command.members)
        return await self._prepare(
            Call(endpoints.CREATE_TRANSITION, _path_arguments(command.source), body=body),
            lambda response: decode_transition(response.body),
        )

    async def prepare_schedule(
        self, command: ScheduleCommand
    ) -> PreparedCommand[CustomerSubscription] | NeverSent:
        """Read the whole subscription, and prepare the write that sends it back with the change.

        Fails with `UpstreamBadInput` if `scheduledActions` prevent the change.
        """
        key = command.subscription
        decode = partial(decode_full_subscription, key=key)
        try:
            read = await self._client.read(build_full_read(key), self._scope, decode)
            call = build_schedule_call(read, command)
        except UpstreamError as error:
            return NeverSent(error)
        return await self._prepare(
            call, lambda response: decode_subscription(response.body, key.customer_id)
        )

    async def _prepare(
        self, call: Call, read: Callable[[UpstreamResponse], T]
    ) -> PreparedCommand[T] | NeverSent:
        slot = await self._client.acquire_slot(call, self._scope, self._request_id)
        return slot if isinstance(slot, NeverSent) else PreparedCommand(slot, read)


def parse_upgrade_id(location: str) -> str | None:
    """Return the id of a product upgrade in a `Location`: the GUID after `productUpgrades`.

    The location may be an absolute URL, and have a leading slash, the prefix `/v1` and a trailing
    `/status` (CONTRACT 4.10). Without `productUpgrades`, its only GUID is returned. Returns None if
    there is no such GUID.
    """
    parts = re.split(r"[?#]", location.strip(), maxsplit=1)[0].split("/")
    names = [part.lower() for part in parts]
    if _COLLECTION in names:
        behind = parts[names.index(_COLLECTION) + 1 :][:1]
        return next((part for part in behind if _GUID.fullmatch(part)), None)
    return _single_id(part for part in parts if _GUID.fullmatch(part))


def find_upgrade_id(text: str, *others: str) -> str | None:
    """Return the id of an upgrade in the text of error 900109, 900110 or 900111 (CONTRACT 8.1).

    Returns None if the text names no upgrade's id, or several. Ids in `others` are ignored.
    """
    known = {other.lower() for other in others}
    return _single_id(each for each in _UPGRADE_ID.findall(text) if each.lower() not in known)


def _single_id(ids: Iterable[str]) -> str | None:
    """Return the only id, compared without regard to case."""
    found = {each.lower(): each for each in ids}
    return next(iter(found.values())) if len(found) == 1 else None


def _decode_created_upgrade_id(response: UpstreamResponse) -> str:
    """Return the id from `Location`, else from the body, which is rarely documented (G10)."""
    found = parse_upgrade_id(response.headers.get("Location", "")) or _find_id_in_body(
        response.body
    )
    if found is None:
        raise ValueError("it has no upgrade id, neither in Location nor in its body")
    return found


def _find_id_in_body(body: bytes) -> str | None:
    try:
        members: Any = json.loads(to_utf8(body, "") or b"{}")
    except (ValueError, RecursionError):
        return None
    found = members.get("id") or members.get("Id") if isinstance(members, dict) else None
    return found if isinstance(found, str) and _GUID.fullmatch(found) else None


def _path_arguments(source: SubscriptionKey) -> tuple[str, str]:
    return source.customer_id, source.subscription_id
