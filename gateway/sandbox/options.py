"""The options of a sandbox."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from gateway.sandbox.quirks import WireProfile

API_AUDIENCE: Final = "https://api.partnercenter.microsoft.com"
CHINA_AUDIENCE: Final = "https://partner.partnercenterapi.microsoftonline.cn"


MIN_CUSTOMERS: Final = 15
"""The sample customers, which every world has."""
MAX_CUSTOMERS: Final = 2**32 - 8
MAX_RENEWAL_S: Final = 24 * 3600.0


class WorldTooLarge(ValueError):
    """The customers of the sandbox may not fit into memory."""


@dataclass(frozen=True, slots=True)
class ThrottleOptions:
    """The maximum number of calls within a sliding window, for each bucket (CONTRACT 9)."""

    enabled: bool = True
    window_s: float = 60.0
    reads_per_customer: int = 500
    """Reads of customers and subscriptions, for each partner and customer."""
    upgrades_per_customer: int = 60
    """Calls of `…/upgrades` and of `…/transitions`, each for a partner and customer."""
    product_upgrades_per_partner: int = 60


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the sandbox takes for asynchronous work, in seconds."""

    token_lifetime_s: int = 3600
    provisioning_s: float = 30.0
    """From a purchase to the provisioning status `success`. Up to 15 minutes at the vendor."""
    upgrade_pending_s: float = 5.0
    upgrade_in_progress_s: float = 10.0
    conversion_s: float = 20.0
    """The conversion of a transition. About 36 minutes at the vendor."""
    reassignment_s: float = 10.0
    idempotency_memory_s: float = 24 * 3600.0
    availability_reissue_s: float = 7 * 24 * 3600.0
    """After this time, all availabilities of products have new ids."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that the token endpoint accepts.

    They are public: the sandbox has no secrets.
    """

    tenant_id: str = "3c95518e-8c37-41e3-9627-0ca339200f53"
    client_id: str = "60a00bf2-0644-4279-83b3-87ddf96f2509"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - protects nothing
    refresh_token: str = "sandbox-refresh-token"  # noqa: S105 - protects nothing
    authorization_code: str = "sandbox-authorization-code"
    developer_token: str = "sandbox"  # noqa: S105 - protects nothing
    rotates_refresh_tokens: bool = False
    """Whether each refresh returns a new refresh token and invalidates the old one."""
    audiences: tuple[str, ...] = (API_AUDIENCE, CHINA_AUDIENCE)


class ScheduledActionsForm(StrEnum):
    """How `scheduledActions` is read and written (G24).

    With OFF, the sandbox ignores the member.
    """

    OFF = "off"
    ARRAY = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class RenewalOptions:
    """How subscriptions are updated and renewed. Can be changed while the sandbox runs."""

    processing_s: float = 3600.0
    """From the start of a renewal to the new term. Up to 24 hours at the vendor."""
    applies_changes: bool = True
    """Whether a renewal applies the scheduled change. If not, it is removed all the same (G26)."""
    merges_updates: bool = False
    """Whether a member that is missing in an update keeps its value. By default it gets its
    default value: no auto-renewal, no scheduled change (G23)."""
    scheduled_actions: ScheduledActionsForm = ScheduledActionsForm.OFF
    schedule_type_name: Literal["scheduleType", "scheduledType"] = "scheduleType"
    """Q33: the name of a member of `scheduledActions` in responses. Requests may use both."""
    shows_etags: bool = False
    """Whether new commerce subscriptions have an etag. The vendor's do not (G32)."""

    def __post_init__(self) -> None:
        if not 0 <= self.processing_s <= MAX_RENEWAL_S:
            raise ValueError(
                f"processing_s is {self.processing_s}; expected 0 to {MAX_RENEWAL_S:.0f}"
            )


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The behaviour of the audit feed (G25). Can be changed while the sandbox runs."""

    is_recording: bool = True
    """Whether writes are recorded. A write without recording never appears."""
    delay_s: float = 15 * 60.0
    """From a write to the moment at which its record appears."""
    correlation_id: Literal["same", "other", "absent"] = "same"
    """Whether a record has the MS-CorrelationId of its write, another one, or none."""
    missing_record: Literal["null", "404"] = "null"
    """How a record that does not exist is read by its id."""


@dataclass(frozen=True, slots=True)
class FederatedCredential:
    """A trusted identity provider, with its public key as PEM (G31)."""

    issuer: str
    subject: str
    public_key: str
    audience: str = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class AssertionOptions:
    """The credentials that may replace the client secret. Can be changed while the sandbox runs."""

    certificates: tuple[str, ...] = ()
    """Certificates as PEM. Several can be active at once."""
    federated: tuple[FederatedCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class CommerceShares:
    """The share of each commerce family in the subscriptions of generated customers."""

    legacy_license: float = 0.6
    new_commerce: float = 0.35
    legacy_azure: float = 0.05


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """All options of a sandbox. Raises ValueError if they are invalid."""

    customers: int = 25
    subscriptions_per_customer: int = 20
    seed: int = 7
    shares: CommerceShares = field(default_factory=CommerceShares)
    throttle: ThrottleOptions = field(default_factory=ThrottleOptions)
    timings: Timings = field(default_factory=Timings)
    renewals: RenewalOptions = field(default_factory=RenewalOptions)
    audit: AuditOptions = field(default_factory=AuditOptions)
    assertions: AssertionOptions = field(default_factory=AssertionOptions)
    credentials: Credentials = field(default_factory=Credentials)
    wire: WireProfile = field(default_factory=WireProfile)
    source_after_upgrade: str = "suspended"
    """The status of a legacy source after its upgrade: `suspended` or `deleted` (G3).

    With `active`, which the vendor never uses, a source can be upgraded more than once.
    """
    max_azure_plans: int | None = None
    """The maximum of product upgrades, after which 900116 is returned. None: no limit (G22)."""
    max_logged_calls: int = 20_000

    def __post_init__(self) -> None:
        if not MIN_CUSTOMERS <= self.customers <= MAX_CUSTOMERS:
            raise ValueError(
                f"customers is {self.customers}; expected {MIN_CUSTOMERS} (the sample customers) "
                f"to {MAX_CUSTOMERS}"
            )
        if self.subscriptions_per_customer < 0:
            raise ValueError(
                f"subscriptions_per_customer is {self.subscriptions_per_customer}; expected 0 or "
                "more. It does not apply to the sample customers"
            )
        if self.source_after_upgrade not in {"suspended", "deleted", "active"}:
            raise ValueError(
                f"source_after_upgrade is '{self.source_after_upgrade}'; expected suspended, "
                "deleted or active"
            )
