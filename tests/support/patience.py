"""Settings of gateways that wait as long as it takes.

A test whose subject is a deadline sets it; in all others a machine may stall at any moment.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.settings import Settings
from tests.support.waiting import NEVER_S

_PATIENT: Final[Mapping[str, Mapping[str, float]]] = {
    "auth": {"jwks_timeout_s": NEVER_S},
    "limits": {"deadline_s": NEVER_S, "body_within_s": NEVER_S},
    "operations": {"store_timeout_s": NEVER_S / 2},
    "partner": {"connect_within_s": NEVER_S},
    "streams": {"init_within_s": NEVER_S},
}


def patient_settings(given: Mapping[str, Any]) -> Settings:
    """Read settings, by section, with patience where they say nothing of it."""
    sections = {name: {**times, **given.get(name, {})} for name, times in _PATIENT.items()}
    return Settings.model_validate({**given, **sections})


def patient_environment() -> dict[str, str]:
    """The same for a gateway that is a process of its own."""
    return {
        f"UPGRADE_GATEWAY_{section}__{name}".upper(): str(seconds)
        for section, times in _PATIENT.items()
        for name, seconds in times.items()
    }
