"""The sections of the settings that are short. Each long one has a file."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DocumentPolicy = Literal["open", "mutations-registered", "registered"]


class SettingsSection(BaseModel):
    """The base of all sections.

    It is immutable, rejects unknown names, and hides values in errors.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        str_strip_whitespace=True,  # mounted files end in a line break
    )


class BatchesSettings(SettingsSection):
    """Batches of upgrades."""

    lines_at_once: int = Field(
        16,
        ge=1,
        description=(
            "Lines of batches that run at the same time, at most one per customer. Keep it below"
            " `throttle.max_in_flight`, so that single requests are not held up"
        ),
    )


class CatalogSettings(SettingsSection):
    """The caches of offers and products, per country and locale."""

    cache_ttl_s: float = Field(
        3600.0, ge=0, description="Seconds catalog data is cached; 0 turns the cache off"
    )
    cache_max_entries: int = Field(
        20_000, ge=1, description="Largest number of cached offers and pages"
    )
    products_ttl_s: float = Field(
        21_600.0, ge=0, description="Seconds products and SKUs are cached; 0 turns the cache off"
    )


class GuardsSettings(SettingsSection):
    """The purchase policy, which prevents unwanted purchases.

    Its file can be changed while the gateway runs.
    """

    file: Path | None = Field(
        None,
        description=(
            "TOML file with write switches, seat limits and allowed upgrade types. A change applies"
            " to the next mutation. While the file cannot be read, all mutations are refused"
        ),
    )


class LimitNumbers(SettingsSection):
    """The limits that the limits file may change while the gateway runs."""

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


class OperationsSettings(SettingsSection):
    """How mutations are recorded, sent and retried."""

    idempotency_window_s: float = Field(
        600.0,
        ge=0,
        description=(
            "Seconds, counted from the first attempt, during which Partner Center recognizes a"
            " repeated request id, so that a purchase without a response may be sent again. After"
            " that, the operation ends `IN_DOUBT`"
        ),
    )
    retry_timeout_s: float = Field(
        3600.0,
        ge=0,
        description="Seconds during which an operation that cannot be sent is retried",
    )
    initial_backoff_s: float = Field(
        1.0,
        gt=0,
        description="Seconds before the second attempt; doubles with each further attempt",
    )
    store_timeout_s: float = Field(
        1.0,
        gt=0,
        description=(
            "Seconds the database may take to record a mutation before the mutation is refused."
            " Raise it if the database or the machine is slow at times"
        ),
    )
    preview_ttl_s: float = Field(900.0, gt=0, description="Seconds a preview token is valid")
    shutdown_grace_s: float = Field(
        25.0,
        ge=0,
        description="Seconds a shutdown waits for requests that are still running",
    )
    personal_data_days: float | None = Field(
        None,
        ge=0,
        description="Days after which the names and e-mail addresses in license errors are deleted"
        " from ended operations. Default: they are kept",
    )


class PersistedSettings(SettingsSection):
    """Documents that clients send by name or hash."""

    policy: DocumentPolicy | None = Field(
        None,
        description=(
            "Which documents may run without being registered: all (`open`), all but mutations, or"
            " none. Default: `open` in profile `dev`, `mutations-registered` in `production`"
        ),
    )
    file: Path | None = Field(
        None,
        description="Manifest of registered documents, written by `upgrade-gateway persisted add`",
    )
    remembered_max_characters: int = Field(
        4_000_000,
        ge=0,
        description="Characters of automatic persisted queries that are cached; 0 turns them off",
    )


class SandboxSettings(SettingsSection):
    """The sandbox, which simulates Partner Center."""

    port: int = Field(
        8001,
        ge=0,
        le=65535,
        description=(
            "Port of the sandbox; 0 picks a free one. `serve --sandbox` also picks a free one if"
            " the gateway's port is set and this one is not"
        ),
    )
    customers: int = Field(25, ge=1, description="Number of customers")
    subscriptions: int = Field(
        20, ge=0, description="Number of subscriptions of a generated customer"
    )
    seed: int = Field(
        7, description="Seed of the generated data; the same seed always produces the same data"
    )


class ThrottleSettings(SettingsSection):
    """Limits on the calls to Partner Center."""

    max_in_flight: int = Field(32, ge=1, description="Upstream calls at the same time")
    customer_reads_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Reads per 60 s of one customer and its subscriptions, by all processes that share the"
            " database. Default: no limit until Partner Center responds with 429"
        ),
    )
    max_attempts: int = Field(
        4, ge=1, le=10, description="Attempts of one read, the first included"
    )
    max_retry_after_s: float = Field(
        600.0,
        gt=0,
        le=86_400,
        description="Longest delay in seconds that is taken from `Retry-After`; longer ones are"
        " shortened to it",
    )
