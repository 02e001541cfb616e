"""How requests come in and answers go out."""

import re
from typing import Final, Literal

from pydantic import Field, field_validator

from gateway.settings.masking import mask_url
from gateway.settings.section import SettingsSection
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
            "Status codes of the GraphQL-over-HTTP draft; `legacy` is for older clients:"
            " 200 for every well-formed request that accepts `application/json` only, else 400"
            " for 422 and 200 for 294"
        ),
    )
    max_batch: int = Field(
        0, ge=0, description="Requests in one JSON array; 0 refuses arrays. Never mutations"
    )
    compress_from_bytes: int = Field(
        8192, ge=0, description="Size from which answers are compressed, for who accepts that"
    )
    keep_alive_s: int = Field(
        75,
        ge=1,
        description=(
            "How long a connection may be idle between requests; longer than a proxy in front keeps"
            " its own, or that now and then asks just when the gateway hangs up"
        ),
    )
    allowed_origins: str = Field(
        "",
        description=(
            "Origins of web pages elsewhere that may ask, separated by spaces, such as"
            " `https://console.example`; none: only the gateway's own pages"
        ),
    )
    allowed_headers: str = Field(
        "",
        description=(
            "Names of request headers that pages of `allowed_origins` may send besides those of the"
            " GraphQL protocol, GraphQL clients and tracing libraries, separated by spaces, such as"
            " `x-tenant`"
        ),
    )
    allowed_hosts: str = Field(
        "",
        description=(
            "Names in the Host header of requests, separated by spaces, without ports, such as"
            " `gw.example.com` or `*.example.com`: those a proxy on this machine passes on. This"
            " machine's own are always answered; none: these alone on loopback, all elsewhere"
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
