"""What one document, one request and one caller may ask for."""

from pathlib import Path

from pydantic import Field

from gateway.settings.section import SettingsSection


class LimitNumbers(SettingsSection):
    """The numbers, which may change while the gateway runs."""

    max_characters: int = Field(100_000, ge=1, description="Characters of a document")
    max_tokens: int = Field(2_000, ge=1, description="Tokens of a document, comments included")
    max_operations: int = Field(20, ge=1, description="Operations of a document; one is run")
    max_depth: int = Field(12, ge=1, description="Fields in each other")
    max_introspection_depth: int = Field(
        15, ge=1, description="Fields in each other from `__schema` or `__type`"
    )
    max_selections: int = Field(
        500, ge=1, description="Fields, inline fragments and spreads of a document"
    )
    max_root_fields: int = Field(10, ge=1, description="Root fields of an operation")
    max_aliases: int = Field(15, ge=0, description="Aliases of an operation")
    max_directives: int = Field(20, ge=0, description="Directives of an operation")
    max_value_depth: int = Field(
        32, ge=1, le=200, description="Lists and objects in each other, in documents and in JSON"
    )
    max_variables_bytes: int = Field(65_536, ge=2, description="Size of the variables, as JSON")
    max_upstream_calls: int = Field(1000, ge=1, description="Upstream calls of one GraphQL request")
    max_cost: int | None = Field(
        None,
        ge=1,
        description=(
            "Expected upstream calls beyond which an operation is refused before the first; unset:"
            " `max_upstream_calls`, but not less than 1,000"
        ),
    )
    calls_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Expected upstream calls of one caller in 60 s; unset: 60,000, or any number where"
            " callers are not told apart"
        ),
    )
    mutations_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Mutations of one caller in 60 s; unset: 60, or any number where callers are not told"
            " apart"
        ),
    )
    max_page_size: int = Field(
        100, ge=20, description="Largest `first`; not below 20, which is its default"
    )
    deadline_s: float = Field(30.0, gt=0, description="Seconds a GraphQL request may take")
    max_body_bytes: int = Field(262_144, ge=1, description="Size of a request's body")
    max_batch_bytes: int = Field(
        2_097_152,
        ge=1,
        description=(
            "Size of the body instead, of a caller who may change something, and of the variables"
            " of a mutation: the longest batch has about 1.3 MB"
        ),
    )
    body_within_s: float = Field(10.0, gt=0, description="Seconds in which a body has to come")


class LimitsSettings(LimitNumbers):
    """What one document, one request and one caller may ask for.

    Counts of a document are taken with its fragments written out.
    """

    file: Path | None = Field(
        None,
        description=(
            "TOML file with any of the other names of this section, which it overrides; a change"
            " applies within a second to every request that comes then"
        ),
    )
