"""The upstream: where it is, and how the gateway proves who it is."""

import re
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.settings.section import SettingsSection
from gateway.settings.tokens import validate_token
from gateway.settings.validators import NO_PROXY, validate_base_url, validate_proxy

Auth = Literal["sandbox", "static", "app", "app_user", "passthrough"]

_APPLICATION: Final = ("tenant_id", "client_id", "client_secret")
# What each way of obtaining tokens needs; it uses nothing else.
_REQUIRED: Final[dict[Auth, tuple[str, ...]]] = {
    "sandbox": (),
    "static": ("token",),
    "app": _APPLICATION,
    "app_user": (*_APPLICATION, "refresh_token_file"),
    "passthrough": (),
}
_TENANT: Final = re.compile(r"[A-Za-z0-9.-]*")


class PartnerSettings(SettingsSection):
    """The upstream: where Partner Center is and how the gateway proves who it is."""

    base_url: str = Field(
        "",
        description="API base URL without `/v1`; empty: the cloud's own address, or the sandbox's",
    )
    cloud: Literal["global", "us_gov", "china"] = Field(
        "global", description="Which cloud's addresses apply"
    )
    auth: Auth = Field("sandbox", description="How upstream tokens are obtained")
    token: SecretStr = Field(SecretStr(""), description="The bearer token of `static`")
    tenant_id: str = Field("", description="Partner tenant of `app` and `app_user`")
    client_id: str = Field("", description="Application id of `app` and `app_user`")
    client_secret: SecretStr = Field(
        SecretStr(""), description="Application secret of `app` and `app_user`"
    )
    refresh_token_file: Path | None = Field(
        None, description="Where `app_user` keeps its refresh token, mode 0600"
    )
    transport: Literal["auto", "asyncio", "httpx"] = Field(
        "auto",
        description="HTTP client; `auto` is `asyncio`, the gateway's own and the cheapest, in whose"
        " place `httpx` sends what goes through a proxy",
    )
    proxy: SecretStr = Field(
        SecretStr(""),
        description="URL of the HTTP proxy that the vendor and issuers of tokens are asked through;"
        " `none`: no proxy; empty: as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say",
    )
    connect_within_s: float = Field(
        10.0, gt=0, description="Seconds a connection to the upstream may take to be made"
    )

    @field_validator("base_url")
    @classmethod
    def _validate_base_url(cls, url: str) -> str:
        return validate_base_url(url) if url else url

    @field_validator("token")
    @classmethod
    def _validate_token(cls, token: SecretStr) -> SecretStr:
        return SecretStr(validate_token(token.get_secret_value()))

    @field_validator("transport", mode="before")
    @classmethod
    def _validate_transport(cls, transport: object) -> object:
        if transport == "pyreqwest":
            raise ValueError("'pyreqwest' is not supported any more; use 'auto' or 'httpx'")
        return transport

    @field_validator("client_secret")
    @classmethod
    def _validate_client_secret(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().isprintable():
            raise ValueError("expected the secret alone, without line breaks or control characters")
        return secret

    @field_validator("proxy")
    @classmethod
    def _validate_proxy(cls, proxy: SecretStr) -> SecretStr:
        url = proxy.get_secret_value().strip()
        if url not in ("", NO_PROXY):
            validate_proxy(url)
        return SecretStr(url)

    @field_validator("tenant_id")
    @classmethod
    def _validate_tenant(cls, tenant: str) -> str:
        if not _TENANT.fullmatch(tenant):  # it becomes a part of the authority's address
            raise ValueError("expected a GUID or a domain name")
        return tenant

    @model_validator(mode="after")
    def _validate_auth(self) -> Self:
        needed = _REQUIRED[self.auth]
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"partner.auth is '{self.auth}', which needs {_join_names(missing)}")
        given = {name for names in _REQUIRED.values() for name in names if getattr(self, name)}
        if unused := sorted(given - set(needed)):
            raise ValueError(
                f"partner.auth is '{self.auth}', which does not use {_join_names(unused)};"
                " choose another partner.auth or leave that out"
            )
        return self


def _join_names(names: list[str]) -> str:
    return " and ".join(f"partner.{name}" for name in names)
