"""Parses the URL of a PostgreSQL database into connection parameters of libpq.

libpq parses everything except the query. There, as with SQLAlchemy and other drivers, `+` is a
blank, and `host` may be repeated, with or without ports.
"""

import re
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

from gateway.operations.store.lazy_sqlalchemy import LazyModule
from gateway.settings.validators import SECRET_PARAMETERS, is_ip_address, validate_url_credentials

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = LazyModule("psycopg")

_EXPECTED_URL: Final = "expected sqlite:///path/to/file.db or postgresql://user@host/database"
_SCHEME: Final = re.compile(r"(?i)postgres(?:ql)?(?:\+(\w+))?://")
_HOST_WITH_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:/\[\]]*):(\d*)")
_MAX_PORT: Final = 65_535
_UTF8: Final = ("utf8", "utf-8", "unicode", "auto")
# libpq supports it, but uses another protocol then.
_UNSUPPORTED: Final = "replication"
# An alias of sslmode=require that libpq accepts in URLs only.
_SSL: Final = "ssl"


def is_postgres_url(url: str) -> bool:
    """Whether the scheme is PostgreSQL's, with or without a driver."""
    return _SCHEME.match(url) is not None


def parse_postgres_url(url: str) -> dict[str, str]:
    """Return the connection parameters of a URL.

    Raises:
        ValueError: the URL cannot be used; the text quotes nothing that may be part of a password.
    """
    validate_url_credentials(url)
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1] not in (None, "psycopg"):
        raise ValueError("expected postgresql:// without a driver name")
    address, _, query = url[scheme.end() :].partition("?")
    named = _parse_query(query)
    try:
        parameters = psycopg.conninfo.conninfo_to_dict(
            f"postgresql://{address}?{urlencode(named, quote_via=quote)}"
        )
    except (psycopg.Error, ValueError):  # their texts quote parts of the URL
        raise ValueError(_EXPECTED_URL) from None
    parsed = {name: str(value) for name, value in parameters.items()}
    _validate(parsed)
    return parsed


def _parse_query(query: str) -> dict[str, str]:
    """Return each parameter once; repeated hosts and ports become lists, options are joined."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ValueError("expected parameters such as ?sslmode=require&connect_timeout=5") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    _require_known(values)
    if "host" in values:
        _split_ports(values)
    for name, given in values.items():
        if len(given) > 1 and name not in ("host", "hostaddr", "port", "options"):
            raise ValueError(f"the parameter '{name}' is given {len(given)} times, expected once")
    return {name: (" " if name == "options" else ",").join(given) for name, given in values.items()}


def _require_known(values: dict[str, list[str]]) -> None:
    known = {each.keyword.decode() for each in psycopg.pq.Conninfo.parse(b"")} | {_SSL}
    for name in values:
        if name in known and name != _UNSUPPORTED:
            continue
        # After a password with an unencoded '&' the name may be the rest of that password.
        is_quotable = name.isidentifier() and not any(each in values for each in SECRET_PARAMETERS)
        shown = f"the parameter '{name[:40]}'" if is_quotable else "one of its parameters"
        raise ValueError(
            f"{shown} is not supported; expected parameters of PostgreSQL's libpq, such as sslmode"
        )


def _split_ports(values: dict[str, list[str]]) -> None:
    """Separate `host:port`, which libpq would use as a name."""
    hosts = list(chain.from_iterable(each.split(",") for each in values["host"]))
    matches = [_HOST_WITH_PORT.fullmatch(each) for each in hosts]
    values["host"] = [
        match[1] if match else host for host, match in zip(hosts, matches, strict=True)
    ]
    values["host"] = [host.removeprefix("[").removesuffix("]") for host in values["host"]]
    if any(matches):
        if "port" in values:
            raise ValueError("expected ports either after the hosts or as 'port', not both")
        values["port"] = [match[2] if match else "" for match in matches]


def _validate(parameters: dict[str, str]) -> None:
    """Reject values that libpq would reject only when it connects."""
    if not parameters.get("dbname"):
        raise ValueError(_EXPECTED_URL)
    hosts = parameters.get("hostaddr", parameters.get("host", "")).split(",")
    ports = parameters.get("port", "").split(",")
    if not all(map(_is_host, hosts)) or not all(map(_is_port, ports)):
        raise ValueError(
            "expected hosts that are names, addresses or socket folders, and ports from 1"
            f" to {_MAX_PORT}"
        )
    if len(ports) not in (1, len(hosts)):
        raise ValueError(
            f"expected one port, or one for each host; got {len(hosts)} hosts"
            f" and {len(ports)} ports"
        )
    if parameters.get("client_encoding", "utf8").lower() not in _UTF8:
        raise ValueError("the parameter 'client_encoding' is not supported; it is always UTF8")


def _is_host(host: str) -> bool:
    is_folder = host.startswith(("/", "@"))
    return is_folder or ":" not in host or is_ip_address(host)


def _is_port(port: str) -> bool:
    return not port or (port.isdecimal() and port.isascii() and 0 < int(port) <= _MAX_PORT)
