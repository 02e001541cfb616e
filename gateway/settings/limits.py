"""Limits of one document, one request and one caller."""

from pathlib import Path

from pydantic import Field

from gateway.settings.sections import SettingsSection


class LimitNumbers(SettingsSection):
    """The limits that a file may change while the gateway runs."""

    max_characters: int = Field(100_000, ge=1, description="Characters of a document")
    max_tokens: int = Field(2_000, ge=1, description="Tokens of a document, comments included")
    max_operations: int = Field(20, ge=1, description="Operations of a document")
    max_depth: int = Field(12, ge=1, description="Nested fields")
    max_introspection_depth: int = Field(
        15, ge=1, description="Nested fields below `__schema` or `__type`"
    )
    max_selections: int = Field(
        500, ge=1, description="Fields, inline fragments and spreads of a document"
    )
    max_root_fields: int = Field(10, ge=1, description="Root fields of an operation")
    max_aliases: int = Field(15, ge=0, description="Aliases of an operation")
    max_directives: int = Field(20, ge=0, description="Directives of an operation")
    max_value_depth: int = Field(
        32, ge=1, le=200, description="Nested lists and objects, in documents and in JSON"
    )
    max_variables_bytes: int = Field(65_536, ge=2, description="Size of the variables, as JSON")
    max_upstream_calls: int = Field(1000, ge=1, description="Upstream calls of one GraphQL request")
    max_cost: int | None = Field(
        None,
        ge=1,
        description=(
            "Estimated upstream calls of an operation, checked before it runs. Default:"
            " `max_upstream_calls`, but at least 1,000"
        ),
    )
    calls_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Estimated upstream calls of one caller per 60 s. Default: 60,000, or no limit if"
            " callers are not authenticated"
        ),
    )
    mutations_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Mutations of one caller per 60 s. Default: 60, or no limit if callers are not"
            " authenticated"
        ),
    )
    max_page_size: int = Field(100, ge=20, description="Largest `first`; at least 20, its default")
    deadline_s: float = Field(30.0, gt=0, description="Timeout in seconds of a GraphQL request")
    max_body_bytes: int = Field(262_144, ge=1, description="Size of a request body")
    max_batch_bytes: int = Field(
        2_097_152,
        ge=1,
        description=(
            "Size of the request body and of a mutation's variables, for callers with the scope to"
            " run mutations. The longest batch has about 1.3 MB"
        ),
    )
    body_within_s: float = Field(
        10.0, gt=0, description="Seconds in which the request body must arrive"
    )


class LimitsSettings(LimitNumbers):
    """Limits of one document, one request and one caller.

    Documents are counted with their fragments expanded.
    """

    file: Path | None = Field(
        None,
        description=(
            "TOML file that overrides the other settings of this section. A change applies within a"
            " second to new requests"
        ),
    )
