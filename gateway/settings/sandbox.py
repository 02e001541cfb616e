"""The embedded Partner Center."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class SandboxSettings(SettingsSection):
    """The embedded Partner Center."""

    port: int = Field(
        8001,
        ge=0,
        le=65535,
        description=(
            "Port of the sandbox; 0 picks a free one, as `serve --sandbox` does where its own"
            " port is set and this one is not"
        ),
    )
    customers: int = Field(25, ge=1, description="Customers in its world")
    subscriptions: int = Field(20, ge=0, description="Subscriptions of a generated customer")
    seed: int = Field(7, description="Seed of its world")
