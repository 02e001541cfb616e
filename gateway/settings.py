"""What can be set, from the environment (`UPGRADE_GATEWAY_*`, nested with `__`) or a TOML file."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartnerSettings(_Part):
    """The upstream: where Partner Center is and how the gateway proves who it is."""

    base_url: str = Field(
        "", description="API base URL without `/v1`; empty: the cloud's own address"
    )
    cloud: Literal["global", "us_gov", "china"] = Field(
        "global", description="Which cloud's addresses apply"
    )
    auth: Literal["sandbox", "static", "app", "app_user", "passthrough"] = Field(
        "sandbox", description="How upstream tokens are obtained"
    )
    token: SecretStr = Field(SecretStr(""), description="The bearer token of `static`")
    tenant_id: str = Field("", description="Partner tenant of `app` and `app_user`")
    client_id: str = Field("", description="Application id of `app` and `app_user`")
    client_secret: SecretStr = Field(
        SecretStr(""), description="Application secret of `app` and `app_user`"
    )
    refresh_token_file: Path | None = Field(
        None, description="Where `app_user` keeps its refresh token, mode 0600"
    )
    transport: Literal["auto", "httpx", "pyreqwest"] = Field(
        "auto", description="HTTP client; `auto` takes pyreqwest where it is installed"
    )


class ThrottleSettings(_Part):
    """How hard the upstream may be pressed."""

    max_in_flight: int = Field(32, ge=1, description="Upstream calls at the same time")
    max_attempts: int = Field(4, ge=1, le=10, description="Sends of one read, the first included")


class LimitsSettings(_Part):
    """What one request may cost."""

    max_upstream_calls: int = Field(1000, ge=1, description="Upstream calls of one GraphQL request")
    max_page_size: int = Field(100, ge=1, description="Largest `first`")
    deadline_s: float = Field(30.0, gt=0, description="Seconds a GraphQL request may take")


class CatalogSettings(_Part):
    """The cache of offers and categories, by country and locale."""

    cache_ttl_s: float = Field(
        3600.0, ge=0, description="Seconds catalog data is kept; 0 turns the cache off"
    )
    cache_max_entries: int = Field(20_000, ge=1, description="Offers and pages kept at most")


class SandboxSettings(_Part):
    """The embedded Partner Center."""

    port: int = Field(8001, ge=0, le=65535, description="Port of the sandbox; 0 picks a free one")
    customers: int = Field(25, ge=1, description="Customers in its world")
    seed: int = Field(7, description="Seed of its world")


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="UPGRADE_GATEWAY_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    profile: Literal["dev", "production"] = Field(
        "dev", description="`production` hides what only developers need"
    )
    partner: PartnerSettings = PartnerSettings()
    throttle: ThrottleSettings = ThrottleSettings()
    limits: LimitsSettings = LimitsSettings()
    catalog: CatalogSettings = CatalogSettings()
    sandbox: SandboxSettings = SandboxSettings()
