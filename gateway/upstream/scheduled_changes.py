"""The body that schedules a change at the end of a term, or removes it. Source: CONTRACT 4.19.

The vendor replaces a subscription as a whole. So the whole resource is read just before, and sent
back with every member as it came, those that no model knows included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from gateway.upstream.call import Call
from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import GET_SUBSCRIPTION, UPDATE_SUBSCRIPTION
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.models.subscription import WireSubscription
from gateway.upstream.transport.response_body import to_utf8
from schema import quoting
from schema.keys import SubscriptionKey

_SUBSCRIPTION: Final = Decoder(WireSubscription)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_NULL: Final = Raw(b"null")
_MAX_ETAG_CHARS: Final = 1000

_ACTIONS: Final = "scheduledActions"
_INSTRUCTIONS: Final = "scheduledNextTermInstructions"
_AUTO_RENEW: Final = "autoRenewEnabled"


class NextTermProduct(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The product of the next term in a request to schedule a change (CONTRACT 5.8, ProductTerm).

    Use the current id of the availability: the vendor replaces the ids regularly.
    """

    product_id: str
    sku_id: str
    availability_id: str
    billing_cycle: str
    term_duration: str
    promotion_id: str | None = None


class NextTerm(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The instructions for the next term (CONTRACT 5.8, ScheduledNextTermInstructions).

    Attributes:
        custom_term_end_date: one of the custom term end dates that the vendor lists; in UTC without
            a zone.
    """

    product: NextTermProduct
    quantity: int
    custom_term_end_date: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleCommand:
    """A change of a subscription at the end of its term, or the removal of a scheduled one.

    Attributes:
        next_term: the change; None to remove the scheduled one.
        replaces_actions: whether to override `scheduledActions` too. They may hold a cancellation
            or an extended service term that another person has chosen.
    """

    subscription: SubscriptionKey
    next_term: NextTerm | None
    replaces_actions: bool = False


@dataclass(frozen=True, slots=True)
class FullSubscription:
    """A subscription with all members that the vendor sent, so that it can be sent back.

    Attributes:
        members: the raw JSON of each member.
        etag: None if the vendor sent none, which is usual in new commerce.
    """

    members: Mapping[str, Raw]
    etag: str | None

    @property
    def ends_with_term(self) -> bool:
        found = _find_name(self.members, _AUTO_RENEW)
        return found is not None and msgspec.json.decode(self.members[found]) is False

    @property
    def has_scheduled_actions(self) -> bool:
        found = _find_name(self.members, _ACTIONS)
        return found is not None and not _is_empty(msgspec.json.decode(self.members[found]))


def build_full_read(key: SubscriptionKey) -> Call:
    """Build the call that reads a subscription. It never shares the response of another call."""
    return Call(GET_SUBSCRIPTION, (key.customer_id, key.subscription_id), is_shared=False)


def decode_full_subscription(body: bytes, key: SubscriptionKey) -> FullSubscription:
    """Decode the body.

    Raises ValueError or `msgspec.DecodeError` if it is not this subscription.
    """
    known = _SUBSCRIPTION(body)
    if known.id.lower() != key.subscription_id.lower():
        raise ValueError(f"it is subscription {quoting.quote(known.id)}, not the requested one")
    etag = known.attributes.etag if known.attributes else None
    return FullSubscription(_MEMBERS.decode(to_utf8(body, "")), etag)


def build_schedule_call(read: FullSubscription, command: ScheduleCommand) -> Call:
    """Build the PATCH that changes what is scheduled.

    Raises `UpstreamBadInput` if the change is not allowed, and `InvalidResponse` for a malformed
    etag.
    """
    key = command.subscription
    return Call(
        UPDATE_SUBSCRIPTION,
        (key.customer_id, key.subscription_id),
        headers=_if_match(read.etag),
        body=build_schedule_body(read, command),
    )


def build_schedule_body(read: FullSubscription, command: ScheduleCommand) -> bytes:
    """Build the whole subscription with the change.

    Raises `UpstreamBadInput` if the change would switch on auto-renewal that a person has switched
    off, or if `scheduledActions` would make it ineffective (Q34).
    """
    if not read.has_scheduled_actions:
        _require_renewal(read, command)
        return _replace_members(read.members, _in_older_shape(command.next_term), {_ACTIONS})
    if not command.replaces_actions:
        raise UpstreamBadInput(
            "The subscription has scheduledActions, perhaps a cancellation that somebody chose, and"
            " nothing else can be scheduled beside them. Ask for them to be replaced, or remove"
            " them in Partner Center."
        )
    return _replace_members(read.members, _in_newer_shape(command.next_term), {_INSTRUCTIONS})


def _require_renewal(read: FullSubscription, command: ScheduleCommand) -> None:
    if command.next_term is not None and read.ends_with_term:
        raise UpstreamBadInput(
            "Auto-renew of the subscription is off, so it ends with its term and nothing can be"
            " scheduled. Switch auto-renew on in Partner Center, then try again."
        )


def _in_older_shape(next_term: NextTerm | None) -> dict[str, object]:
    if next_term is None:
        return {_INSTRUCTIONS: _NULL}
    return {_INSTRUCTIONS: next_term, _AUTO_RENEW: True}


def _in_newer_shape(next_term: NextTerm | None) -> dict[str, object]:
    if next_term is None:
        return {_ACTIONS: _NULL}
    action = {
        "scheduleType": "TermEnd",  # the name that clients use, of two (Q33)
        "actionType": "RenewToNewTerm",
        "instructions": next_term,
    }
    return {_ACTIONS: [action], _AUTO_RENEW: True}


def _replace_members(
    members: Mapping[str, Raw], new: Mapping[str, object], dropped: set[str]
) -> bytes:
    """Replace members, whose names may come in any casing (CONTRACT 0, rule 1)."""
    body: dict[str, object] = dict(members)
    for name in dropped:
        found = _find_name(members, name)
        if found is not None:
            del body[found]
    for name, value in new.items():
        body[_find_name(members, name) or name] = value
    return msgspec.json.encode(body)


def _find_name(members: Mapping[str, Raw], name: str) -> str | None:
    return next((each for each in members if each.lower() == name.lower()), None)


def _is_empty(value: Any) -> bool:
    return all(map(_is_empty, value)) if isinstance(value, list) else not value


def _if_match(etag: str | None) -> tuple[tuple[str, str], ...]:
    if etag is None:
        return ()
    if not (etag.isascii() and etag.isprintable() and len(etag) <= _MAX_ETAG_CHARS):
        raise InvalidResponse("The subscription has a malformed etag.")
    return (("If-Match", etag),)
