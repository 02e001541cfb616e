"""The cache of offers and categories."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class CatalogSettings(SettingsSection):
    """The cache of offers and categories, by country and locale."""

    cache_ttl_s: float = Field(
        3600.0, ge=0, description="Seconds catalog data is kept; 0 turns the cache off"
    )
    cache_max_entries: int = Field(20_000, ge=1, description="Offers and pages kept at most")
