"""Where Partner Center is, and how the gateway authenticates to it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.settings.sections import SettingsSection
from gateway.settings.validators import (
    NO_PROXY,
    validate_base_url,
    validate_proxy,
    validate_token,
)

Auth = Literal["sandbox", "static", "app", "app_user", "passthrough"]

# The settings that each `auth` requires. It uses no others.
_REQUIRED: Final[dict[Auth, tuple[str, ...]]] = {
    "sandbox": (),
    "static": (),
    "app": ("tenant_id", "client_id"),
    "app_user": ("tenant_id", "client_id", "refresh_token_file"),
    "passthrough": (),
}
_OF_APPLICATION: Final = (
    "client_secret",
    "client_secret_file",
    "certificate_file",
    "federated_token_file",
    "managed_identity",
)
# The settings of which each `auth` requires exactly one.
_CREDENTIALS: Final[dict[Auth, tuple[str, ...]]] = {
    "sandbox": (),
    "static": ("token", "token_file"),
    "app": _OF_APPLICATION,
    "app_user": _OF_APPLICATION,
    "passthrough": (),
}
_TENANT: Final = re.compile(r"[A-Za-z0-9.-]*")


class PartnerSettings(SettingsSection):
    """Where Partner Center is, and how the gateway authenticates to it."""

    base_url: str = Field(
        "",
        description=(
            "Base URL of the API, without `/v1`. Default: the URL of the cloud, or of the sandbox"
        ),
    )
    cloud: Literal["global", "us_gov", "china"] = Field("global", description="The Microsoft cloud")
    auth: Auth = Field("sandbox", description="How tokens for Partner Center are obtained")
    token: SecretStr = Field(SecretStr(""), description="Bearer token, for `static`")
    token_file: Path | None = Field(
        None,
        description="File with the token, in place of `token`; read again when Partner Center"
        " rejects the token",
    )
    tenant_id: str = Field("", description="Tenant of the partner, for `app` and `app_user`")
    client_id: str = Field("", description="Application id, for `app` and `app_user`")
    client_secret: SecretStr = Field(
        SecretStr(""), description="Application secret, for `app` and `app_user`"
    )
    client_secret_file: Path | None = Field(
        None, description="File with the secret, in place of `client_secret`"
    )
    certificate_file: Path | None = Field(
        None,
        description="PEM file with an RSA key without a passphrase and its certificate, in place of"
        " a secret",
    )
    certificate_algorithm: Literal["PS256", "RS256"] = Field(
        "PS256", description="How assertions are signed with the certificate's key"
    )
    federated_token_file: Path | None = Field(
        None,
        description="File with a JWT of an identity provider that the application trusts, in place"
        " of a secret",
    )
    managed_identity: str = Field(
        "",
        description="Client id of an Azure user-assigned managed identity that the application"
        " trusts, in place of a secret",
    )
    authority: str = Field(
        "",
        description="Base URL of the token issuer, without the tenant. Default: that of the cloud",
    )
    refresh_token_file: Path | None = Field(
        None, description="File with the refresh token, mode 0600, for `app_user`"
    )
    audit_correlation: Literal["unconfirmed", "confirmed"] = Field(
        "unconfirmed",
        description="Whether the correlation ids in the audit feed have been confirmed to be those"
        " that the gateway sends. `confirmed` lets the feed settle operations in doubt",
    )
    scheduled_change_removal: Literal["unconfirmed", "confirmed"] = Field(
        "unconfirmed",
        description="Whether it has been confirmed that `null` removes a scheduled change, which"
        " Microsoft does not document. `confirmed` enables `cancelScheduledUpgrade`",
    )
    transport: Literal["auto", "asyncio", "httpx"] = Field(
        "auto",
        description="HTTP client. `auto` is `asyncio`, the gateway's own and the fastest; requests"
        " through a proxy use `httpx`",
    )
    proxy: SecretStr = Field(
        SecretStr(""),
        description="URL of the HTTP proxy for requests to Partner Center and to token issuers;"
        " `none` uses no proxy. Default: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`",
    )
    ca_file: Path | None = Field(
        None,
        description="PEM file with certificate authorities that are trusted besides the public"
        " ones, for Partner Center, token issuers and proxies",
    )
    connect_within_s: float = Field(
        10.0, gt=0, description="Timeout in seconds for connecting to Partner Center"
    )

    @field_validator("base_url", "authority")
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
            raise ValueError("expected only the secret, without line breaks or control characters")
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
        if not _TENANT.fullmatch(tenant):  # it becomes a part of a URL
            raise ValueError("expected a GUID or a domain name")
        return tenant

    @model_validator(mode="after")
    def _validate_auth(self) -> Self:
        needed, credentials = _REQUIRED[self.auth], _CREDENTIALS[self.auth]
        chosen = [name for name in credentials if getattr(self, name)]
        missing = [f"partner.{name}" for name in needed if not getattr(self, name)]
        if credentials and not chosen:
            missing.append(f"one of {_join_names(credentials, ', ')}")
        if missing:
            raise ValueError(
                f"partner.auth is '{self.auth}', which requires {' and '.join(missing)}"
            )
        if len(chosen) > 1:
            raise ValueError(
                f"partner.auth is '{self.auth}', which uses only one of {_join_names(chosen)};"
                " remove the others"
            )
        known = (*_REQUIRED.values(), *_CREDENTIALS.values())
        given = {name for names in known for name in names if getattr(self, name)}
        if unused := sorted(given - {*needed, *chosen}):
            raise ValueError(
                f"partner.auth is '{self.auth}', which does not use {_join_names(unused)};"
                " choose another partner.auth or remove that setting"
            )
        return self


def _join_names(names: Sequence[str], separator: str = " and ") -> str:
    return separator.join(f"partner.{name}" for name in names)
