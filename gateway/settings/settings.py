"""The root of the settings."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.settings.auth import AuthSettings
from gateway.settings.http import HttpSettings, StreamsSettings
from gateway.settings.partner import PartnerSettings
from gateway.settings.sections import (
    BatchesSettings,
    CatalogSettings,
    GuardsSettings,
    LimitsSettings,
    OperationsSettings,
    PersistedSettings,
    SandboxSettings,
    ThrottleSettings,
)
from gateway.settings.validators import find_passwords


class Settings(BaseSettings):
    """All settings. `load_settings` builds them from the environment and a file."""

    model_config = SettingsConfigDict(
        env_prefix="UPGRADE_GATEWAY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one")
    profile: Literal["dev", "production"] = Field(
        "dev",
        description=(
            "`production` suggests no names for unknown fields, does not reveal limits, shows the"
            " schema only to administrators, and runs only registered mutations unless"
            " `persisted.policy` is set"
        ),
    )
    engine: Literal["compiled", "graphql_core"] = Field(
        "compiled", description="How documents are executed. Both give the same results"
    )
    federation: bool = Field(
        False,
        description="Serve the graph as a subgraph of Apollo Federation 2, with `_service` and"
        " `_entities`",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level of the messages that are logged"
    )
    access_log: bool = Field(
        False, description="Log one line at level `info` for each GraphQL request"
    )
    traces: Literal["off", "otlp"] = Field(
        "off",
        description="`otlp` exports traces with OpenTelemetry, as its own variables `OTEL_…` say;"
        " it needs the extra `otel`",
    )
    database_url: str = Field(
        "sqlite:///upgrade-gateway.db",
        repr=False,  # it may hold a password
        description=(
            "Database of the operations: `sqlite:///path` or `postgresql://user@host/name`, with a"
            " percent-encoded user name and password"
        ),
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

    @property
    def secrets(self) -> tuple[str, ...]:
        """All configured secrets, so that logs and errors can mask them."""
        tokens = (self.partner.token, self.partner.client_secret, self.partner.proxy)
        own = [each.get_secret_value() for each in tokens]
        passwords = (*find_passwords(self.database_url), *find_passwords(own[-1]))
        return tuple(each for each in (*own, *passwords) if each)

    @field_validator("partner")
    @classmethod
    def _point_at_sandbox(cls, partner: PartnerSettings, info: ValidationInfo) -> PartnerSettings:
        """With `auth = sandbox` the default address is the sandbox, which knows its tokens."""
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
        """Read only what is passed in; `load_settings` chooses environment and file."""
        return (init_settings,)
