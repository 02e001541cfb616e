"""The table of all settings: name, unit, default, help; `docs/settings.md` is printed from it."""

import re
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.settings.addresses import checked_base_url
from gateway.settings.auth import AuthSettings
from gateway.settings.batches import BatchesSettings
from gateway.settings.guards import GuardsSettings
from gateway.settings.http import HttpSettings
from gateway.settings.limits import LimitsSettings
from gateway.settings.part import Part
from gateway.settings.persisted import PersistedSettings
from gateway.settings.streams import StreamsSettings

Auth = Literal["sandbox", "static", "app", "app_user", "passthrough"]

_APPLICATION: Final = ("tenant_id", "client_id", "client_secret")
# What each way of obtaining tokens needs; it uses nothing else.
_NEEDS: Final[dict[Auth, tuple[str, ...]]] = {
    "sandbox": (),
    "static": ("token",),
    "app": _APPLICATION,
    "app_user": (*_APPLICATION, "refresh_token_file"),
    "passthrough": (),
}
_TENANT: Final = re.compile(r"[A-Za-z0-9.-]*")


class PartnerSettings(Part):
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
    transport: Literal["auto", "asyncio", "httpx", "pyreqwest"] = Field(
        "auto", description="HTTP client; `auto` is `asyncio`, the gateway's own and the cheapest"
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        return checked_base_url(url) if url else url

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value().strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("expected the token alone, without 'Bearer', spaces or line breaks")
        return SecretStr(text)

    @field_validator("tenant_id")
    @classmethod
    def _is_a_tenant(cls, tenant: str) -> str:
        if not _TENANT.fullmatch(tenant):  # it becomes a part of the authority's address
            raise ValueError("expected a GUID or a domain name")
        return tenant

    @model_validator(mode="after")
    def _auth_has_what_it_needs(self) -> Self:
        needed = _NEEDS[self.auth]
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"partner.auth is '{self.auth}', which needs {_named(missing)}")
        given = {name for names in _NEEDS.values() for name in names if getattr(self, name)}
        if unused := sorted(given - set(needed)):
            raise ValueError(
                f"partner.auth is '{self.auth}', which does not use {_named(unused)};"
                " choose another partner.auth or leave that out"
            )
        return self


class ThrottleSettings(Part):
    """How hard the upstream may be pressed."""

    max_in_flight: int = Field(32, ge=1, description="Upstream calls at the same time")
    customer_reads_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Reads of one customer and its subscriptions in 60 s beyond which none is sent;"
            " unset: as many as the vendor answers, until it says 429"
        ),
    )
    max_attempts: int = Field(4, ge=1, le=10, description="Sends of one read, the first included")


class CatalogSettings(Part):
    """The cache of offers and categories, by country and locale."""

    cache_ttl_s: float = Field(
        3600.0, ge=0, description="Seconds catalog data is kept; 0 turns the cache off"
    )
    cache_max_entries: int = Field(20_000, ge=1, description="Offers and pages kept at most")


class OperationsSettings(Part):
    """Mutations, which are recorded before they are sent."""

    trust_s: float = Field(
        600.0,
        ge=0,
        description=(
            "Seconds after its first sending in which a write without an answer may be sent again,"
            " because the vendor still knows its request id; then it is IN_DOUBT"
        ),
    )
    give_up_s: float = Field(
        3600.0, ge=0, description="Seconds for which a write that cannot be sent is tried"
    )
    first_pause_s: float = Field(
        1.0,
        gt=0,
        description="Seconds before a second attempt; doubled for each further one",
    )
    preview_ttl_s: float = Field(
        900.0, gt=0, description="Seconds for which a preview's token can be used"
    )
    stop_grace_s: float = Field(
        25.0, ge=0, description="Seconds that a stop waits for the answers to writes on their way"
    )


class SandboxSettings(Part):
    """The embedded Partner Center."""

    port: int = Field(8001, ge=0, le=65535, description="Port of the sandbox; 0 picks a free one")
    customers: int = Field(25, ge=1, description="Customers in its world")
    subscriptions: int = Field(20, ge=0, description="Subscriptions of a generated customer")
    seed: int = Field(7, description="Seed of its world")


class Settings(BaseSettings):
    """Everything that can be set; made from what it is given, `load` reads the sources."""

    model_config = SettingsConfigDict(
        env_prefix="UPGRADE_GATEWAY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one")
    profile: Literal["dev", "production"] = Field(
        "dev",
        description=(
            "`production` does not suggest names for unknown fields nor tell the numbers of limits,"
            " shows the graph to administrators alone, and runs registered mutations alone unless"
            " `persisted.policy` is set"
        ),
    )
    engine: Literal["compiled", "graphql_core"] = Field(
        "compiled", description="How documents are executed; the results are the same"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe messages that are logged"
    )
    database_url: str = Field(
        "sqlite:///upgrade-gateway.db",
        description="Where operations are kept: `sqlite:///path` or `postgresql://user@host/name`",
    )
    sandbox: SandboxSettings = SandboxSettings()
    auth: AuthSettings = AuthSettings()
    partner: PartnerSettings = Field(PartnerSettings(), validate_default=True)
    throttle: ThrottleSettings = ThrottleSettings()
    http: HttpSettings = HttpSettings()
    streams: StreamsSettings = StreamsSettings()
    limits: LimitsSettings = LimitsSettings()
    catalog: CatalogSettings = CatalogSettings()
    operations: OperationsSettings = OperationsSettings()
    batches: BatchesSettings = BatchesSettings()
    guards: GuardsSettings = GuardsSettings()
    persisted: PersistedSettings = PersistedSettings()

    @field_validator("partner")
    @classmethod
    def _sandbox_has_an_address(
        cls, partner: PartnerSettings, info: ValidationInfo
    ) -> PartnerSettings:
        """With `auth = sandbox` the address is never a cloud's, where its tokens mean nothing."""
        sandbox = info.data.get("sandbox")
        if partner.auth != "sandbox" or partner.base_url or sandbox is None:
            return partner
        return partner.model_copy(update={"base_url": f"http://127.0.0.1:{sandbox.port}"})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing that was not passed in: `load` is told which environment and file."""
        return (init_settings,)


def _named(names: list[str]) -> str:
    return " and ".join(f"partner.{name}" for name in names)
