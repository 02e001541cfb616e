"""Recognizes the variables that Kubernetes sets in every pod for each Service of its namespace.

The variables of a Service named `upgrade-gateway` or `upgrade-gateway-db` begin like settings.

Source: the Kubernetes documentation, "Discovering services", environment variables.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from gateway.settings.validators import is_ip_address

_MAX_PORT: Final = 65535
_PROTOCOL: Final = r"(?:tcp|udp|sctp)"
_URL: Final = re.compile(rf"{_PROTOCOL}://(.+):(\d+)")

_SERVICE: Final = r"UPGRADE_GATEWAY(?:_+[A-Z0-9]+)*"
_PORT: Final = rf"{_SERVICE}_PORT_\d+_(?:TCP|UDP|SCTP)"


def is_service_variable(name: str, value: str) -> bool:
    """Whether Kubernetes may have written a variable, which a misspelled setting is not."""
    return any(shape.fullmatch(name) and is_value(value) for shape, is_value in _SHAPES)


def find_service_variables(environ: Mapping[str, str]) -> list[str]:
    """Return the names of Kubernetes variables that begin like settings."""
    return sorted(name for name, value in environ.items() if is_service_variable(name, value))


def _is_port(value: str) -> bool:
    return value.isdecimal() and value.isascii() and 0 < int(value[:6]) <= _MAX_PORT


def _is_url(value: str) -> bool:
    parts = _URL.fullmatch(value)
    return parts is not None and is_ip_address(parts[1]) and _is_port(parts[2])


def _is_protocol(value: str) -> bool:
    return re.fullmatch(_PROTOCOL, value) is not None


_SHAPES: Final[tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...]] = (
    (re.compile(rf"{_SERVICE}_SERVICE_HOST"), is_ip_address),
    (re.compile(rf"{_SERVICE}_SERVICE_PORT(?:_[A-Z0-9_]+)?"), _is_port),
    (re.compile(rf"{_SERVICE}_PORT|{_PORT}"), _is_url),
    (re.compile(rf"{_PORT}_PROTO"), _is_protocol),
    (re.compile(rf"{_PORT}_PORT"), _is_port),
    (re.compile(rf"{_PORT}_ADDR"), is_ip_address),
)
