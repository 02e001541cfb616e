"""Settings with long timeouts, so that tests pass on slow machines.

A test of a timeout sets that timeout itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.settings import Settings
from tests.support.waiting import HANG_TIMEOUT_S

_LONG_TIMEOUTS: Final[Mapping[str, Mapping[str, float]]] = {
    "auth": {"jwks_timeout_s": HANG_TIMEOUT_S},
    "limits": {"deadline_s": HANG_TIMEOUT_S, "body_within_s": HANG_TIMEOUT_S},
    "operations": {"store_timeout_s": HANG_TIMEOUT_S / 2},
    "partner": {"connect_within_s": HANG_TIMEOUT_S},
    "streams": {"init_within_s": HANG_TIMEOUT_S},
}


def long_timeout_settings(given: Mapping[str, Any]) -> Settings:
    """Create settings, by section, with long timeouts by default."""
    sections = {name: {**times, **given.get(name, {})} for name, times in _LONG_TIMEOUTS.items()}
    return Settings.model_validate({**given, **sections})


def long_timeout_environment() -> dict[str, str]:
    """Return the same timeouts as environment variables."""
    return {
        f"UPGRADE_GATEWAY_{section}__{name}".upper(): str(seconds)
        for section, times in _LONG_TIMEOUTS.items()
        for name, seconds in times.items()
    }
