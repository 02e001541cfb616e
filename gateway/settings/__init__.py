"""Settings, from the environment (`UPGRADE_GATEWAY_*`, nested with `__`) or a TOML file."""

from gateway.settings.auth import AuthSettings
from gateway.settings.errors import SettingsError
from gateway.settings.http import HttpSettings
from gateway.settings.loading import load_settings
from gateway.settings.partner import PartnerSettings
from gateway.settings.sections import (
    LimitNumbers,
    LimitsSettings,
    SandboxSettings,
    ThrottleSettings,
)
from gateway.settings.settings import Settings

__all__ = [
    "AuthSettings",
    "HttpSettings",
    "LimitNumbers",
    "LimitsSettings",
    "PartnerSettings",
    "SandboxSettings",
    "Settings",
    "SettingsError",
    "ThrottleSettings",
    "load_settings",
]
