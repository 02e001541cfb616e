"""The registration for webhook events, and test events (CONTRACT 4.24 to 4.27).

The sandbox delivers no events. A test event counts as delivered at once.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from gateway.sandbox.throttle import SlidingWindow
from gateway.sandbox.timestamps import DAY_S

TEST_EVENT: Final = "test-created"
EVENTS: Final = (
    "subscription-updated",
    TEST_EVENT,
    "usagerecords-thresholdExceeded",
    "new-commerce-migration-created",
    "new-commerce-migration-completed",
    "new-commerce-migration-failed",
    "new-commerce-migration-schedule-failed",
    "reseller-relationship-accepted-by-customer",
    "dap-admin-relationship-approved",
    "dap-admin-relationship-terminated",
    "granular-admin-relationship-approved",
    "granular-admin-relationship-activated",
    "granular-admin-relationship-terminated",
    "granular-admin-relationship-expired",
    "granular-admin-access-assignment-created",
    "granular-admin-access-assignment-updated",
    "granular-admin-access-assignment-deleted",
    "granular-admin-access-assignment-activated",
)
TEST_EVENTS_PER_MINUTE: Final = 2
_KEPT_S: Final = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Registration:
    """A partner's callback and its events. Without events, it is switched off."""

    url: str
    events: tuple[str, ...]
    uses_own_header: bool | None = None
    """Whether the signature is sent as `x-ms-signature`. None if the request did not say so."""


@dataclass(frozen=True, slots=True)
class SentTestEvent:
    callback_url: str
    sent_s: float


class Webhooks:
    """The partner's registration, and its test events of the last seven days."""

    def __init__(self) -> None:
        self.registration: Registration | None = None
        self._sent: OrderedDict[str, SentTestEvent] = OrderedDict()
        self._window = SlidingWindow(TEST_EVENTS_PER_MINUTE, 60.0)

    def count_test_event(self, now_s: float) -> float:
        """Count a test event. Returns 0 if it is accepted, else the seconds until one would be."""
        return self._window.count_call(now_s)

    def send_test_event(self, correlation_id: str, callback_url: str, now_s: float) -> None:
        self._sent[correlation_id.lower()] = SentTestEvent(callback_url, now_s)

    def find_test_event(self, correlation_id: str, now_s: float) -> SentTestEvent | None:
        while self._sent and now_s - next(iter(self._sent.values())).sent_s >= _KEPT_S:
            self._sent.popitem(last=False)
        return self._sent.get(correlation_id.lower())


def find_event(name: str) -> str | None:
    """Return an event's name in the vendor's spelling; `name` may be in any letter case (Q43)."""
    return next((each for each in EVENTS if each.lower() == name.lower()), None)
