"""Settings of GraphQL over HTTP, WebSockets and Server-Sent Events."""

import re
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator

from gateway.settings.masking import mask_url
from gateway.settings.sections import SettingsSection
from gateway.settings.validators import is_ip_address
from schema.quoting import quote

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class HttpSettings(SettingsSection):
    """GraphQL over HTTP, and browsers."""

    statuses: Literal["draft", "legacy"] = Field(
        "draft",
        description=(
            "HTTP status codes. `draft` follows the GraphQL-over-HTTP draft; `legacy` is for older"
            " clients: 200 for every well-formed request that accepts only `application/json`;"
            " for others, 400 instead of 422 and 200 instead of 294"
        ),
    )
    max_batch: int = Field(
        0, ge=0, description="Requests in one JSON array, without mutations; 0 refuses arrays"
    )
    compress_from_bytes: int = Field(
        8192, ge=0, description="Size from which responses are compressed, if the client accepts it"
    )
    keep_alive_s: int = Field(
        75,
        ge=1,
        description=(
            "Seconds a connection may be idle between requests. Must be longer than the idle"
            " timeout of a proxy in front, or the proxy may send a request on a connection that is"
            " being closed"
        ),
    )
    tls_certificate_file: Path | None = Field(
        None,
        description="PEM file with the certificate, and those of its issuers, to serve TLS without"
        " a proxy. A renewed file needs a restart",
    )
    tls_key_file: Path | None = Field(
        None,
        description="PEM file with the certificate's key, without a passphrase. Default: the file"
        " of the certificate",
    )
    allowed_origins: str = Field(
        "",
        description=(
            "Other origins whose web pages may send requests, separated by spaces, such as"
            " `https://console.example`. Default: only the gateway's own pages"
        ),
    )
    allowed_headers: str = Field(
        "",
        description=(
            "Request headers that pages of `allowed_origins` may send, separated by spaces, such as"
            " `x-tenant`. The headers of GraphQL clients and tracing libraries are always allowed"
        ),
    )
    allowed_hosts: str = Field(
        "",
        description=(
            "Accepted names in the Host header, separated by spaces, without ports, such as"
            " `gw.example.com` or `*.example.com`; set it if a proxy on this machine passes names"
            " on. This machine's own names are always accepted. Default: only those when listening"
            " on loopback, otherwise all"
        ),
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _validate_hosts(cls, text: str) -> str:
        for host in text.split():
            if not _HOST.fullmatch(host) and not is_ip_address(host):
                raise ValueError(
                    "expected names or addresses without scheme, port and path, such as"
                    f" gw.example.com or *.example.com; not {quote(mask_url(host))}"
                )
        return text

    @field_validator("allowed_headers")
    @classmethod
    def _validate_header_names(cls, text: str) -> str:
        for name in text.split():
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(
                    "expected names of headers separated by spaces, such as x-tenant;"
                    f" not {quote(mask_url(name))}"
                )
        return text

    @field_validator("allowed_origins")
    @classmethod
    def _validate_origins(cls, text: str) -> str:
        for origin in text.split():
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    "expected origins as browsers send them, such as https://console.example"
                    " or http://localhost:3000, in lower case and without a path;"
                    f" not {quote(mask_url(origin))}"
                )
        return text


class StreamsSettings(SettingsSection):
    """WebSockets and Server-Sent Events."""

    max_connections: int = Field(
        100,
        ge=1,
        description="WebSockets and reserved event streams that one caller may have open",
    )
    max_subscriptions: int = Field(
        1000,
        ge=1,
        description="Subscriptions that one caller may have open, over all connections",
    )
    max_running: int = Field(
        1000,
        ge=1,
        description="Requests that may run at the same time on one WebSocket or event stream",
    )
    init_within_s: float = Field(
        3.0, gt=0, description="Seconds within which a WebSocket must send `connection_init`"
    )
    keep_alive_s: float = Field(
        12.0, gt=0, description="Seconds without an event after which a keep-alive is sent"
    )
