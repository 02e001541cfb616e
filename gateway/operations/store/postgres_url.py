"""The URL of a PostgreSQL database, parsed once into the connection parameters of libpq.

Everything but the query is parsed by libpq itself. The query differs in two ways, which SQLAlchemy
and other drivers allow: `+` is a blank, and `host` may be repeated, with or without ports.
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

_FORM: Final = "expected sqlite:///path/to/file.db or postgresql://user@host/database"
_SCHEME: Final = re.compile(r"(?i)postgres(?:ql)?(?:\+(\w+))?://")
_HOST_WITH_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:/\[\]]*):(\d*)")
_LARGEST_PORT: Final = 65_535
_UTF8: Final = ("utf8", "utf-8", "unicode", "auto")
# libpq knows it, but speaks another protocol then.
_UNSUPPORTED: Final = "replication"
# An alias of sslmode=require, in URLs alone.
_SSL: Final = "ssl"


def is_postgres_url(url: str) -> bool:
    """Whether the scheme is one of PostgreSQL's, with or without a driver."""
    return _SCHEME.match(url) is not None


def parse_postgres_url(url: str) -> dict[str, str]:
    """Return the connection parameters that a URL names.

    Raises:
        ValueError: it cannot be used; the text quotes nothing that may be a password.
    """
    validate_url_credentials(url)
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1] not in (None, "psycopg"):
        raise ValueError("expected postgresql:// without the name of a driver")
    address, _, query = url[scheme.end() :].partition("?")
    named = _parse_query(query)
    try:
        parameters = psycopg.conninfo.conninfo_to_dict(
            f"postgresql://{address}?{urlencode(named, quote_via=quote)}"
        )
    except (psycopg.Error, ValueError):  # whose texts quote parts of the URL
        raise ValueError(_FORM) from None
    parsed = {name: str(value) for name, value in parameters.items()}
    _check(parsed)
    return parsed


def _parse_query(query: str) -> dict[str, str]:
    """Return each parameter once; repeated hosts are a list, repeated options are joined."""
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
        # After a password whose '&' was not encoded it may be the rest of that password.
        is_quotable = name.isidentifier() and not any(each in values for each in SECRET_PARAMETERS)
        shown = f"the parameter '{name[:40]}'" if is_quotable else "one of its parameters"
        raise ValueError(
            f"{shown} is not supported; expected those of PostgreSQL's libpq, such as sslmode"
        )


def _split_ports(values: dict[str, list[str]]) -> None:
    """Separate `host:port`, which libpq would take for a name."""
    hosts = list(chain.from_iterable(each.split(",") for each in values["host"]))
    found = [_HOST_WITH_PORT.fullmatch(each) for each in hosts]
    values["host"] = [match[1] if match else host for host, match in zip(hosts, found, strict=True)]
    values["host"] = [host.removeprefix("[").removesuffix("]") for host in values["host"]]
    if any(found):
        if "port" in values:
            raise ValueError("expected ports either behind the hosts or as 'port', not as both")
        values["port"] = [match[2] if match else "" for match in found]


def _check(parameters: dict[str, str]) -> None:
    """Refuse what libpq would notice only when it connects."""
    if not parameters.get("dbname"):
        raise ValueError(_FORM)
    hosts = parameters.get("hostaddr", parameters.get("host", "")).split(",")
    ports = parameters.get("port", "").split(",")
    if not all(map(_is_host, hosts)) or not all(map(_is_port, ports)):
        raise ValueError(
            "expected hosts that are names, addresses or folders of sockets, and ports that are"
            f" numbers up to {_LARGEST_PORT}"
        )
    if len(ports) not in (1, len(hosts)):
        raise ValueError(f"it has {len(hosts)} hosts and {len(ports)} ports, expected as many")
    if parameters.get("client_encoding", "utf8").lower() not in _UTF8:
        raise ValueError("the parameter 'client_encoding' is not supported; it is always UTF8")


def _is_host(host: str) -> bool:
    is_folder = host.startswith(("/", "@"))
    return is_folder or ":" not in host or is_ip_address(host)


def _is_port(port: str) -> bool:
    return not port or (port.isdecimal() and port.isascii() and 0 < int(port) <= _LARGEST_PORT)
