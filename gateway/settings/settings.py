"""All settings together; the table in `docs/settings.md` is printed from here."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.settings.auth import AuthSettings
from gateway.settings.batches import BatchesSettings
from gateway.settings.catalog import CatalogSettings
from gateway.settings.http import HttpSettings
from gateway.settings.limits import LimitsSettings
from gateway.settings.operations import OperationsSettings
from gateway.settings.partner import PartnerSettings
from gateway.settings.persisted import PersistedSettings
from gateway.settings.purchase_policy import GuardsSettings
from gateway.settings.sandbox import SandboxSettings
from gateway.settings.streams import StreamsSettings
from gateway.settings.throttle import ThrottleSettings
from gateway.settings.validators import find_passwords


class Settings(BaseSettings):
    """Everything that can be set; made from what it is given, `load` reads the sources."""

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
        repr=False,  # it may hold a password
        description=(
            "Where operations are kept: `sqlite:///path` or `postgresql://user@host/name`, whose"
            " user name and password are percent-encoded"
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
        """Everything set that must not be shown, for those who mask it."""
        tokens = (self.partner.token, self.partner.client_secret, self.partner.proxy)
        own = [each.get_secret_value() for each in tokens]
        passwords = (*find_passwords(self.database_url), *find_passwords(own[-1]))
        return tuple(each for each in (*own, *passwords) if each)

    @field_validator("partner")
    @classmethod
    def _point_at_sandbox(cls, partner: PartnerSettings, info: ValidationInfo) -> PartnerSettings:
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
