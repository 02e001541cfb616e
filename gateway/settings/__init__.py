"""What can be set, from the environment (`UPGRADE_GATEWAY_*`, nested with `__`) or a TOML file."""

from gateway.settings.auth import AuthSettings
from gateway.settings.http import HttpSettings
from gateway.settings.limits import LimitsSettings
from gateway.settings.loading import load
from gateway.settings.parts import (
    PartnerSettings,
    SandboxSettings,
    Settings,
    ThrottleSettings,
)
from gateway.settings.problems import WrongSettings

__all__ = [
    "AuthSettings",
    "HttpSettings",
    "LimitsSettings",
    "PartnerSettings",
    "SandboxSettings",
    "Settings",
    "ThrottleSettings",
    "WrongSettings",
    "load",
]
