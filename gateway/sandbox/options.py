"""What a sandbox is started with; frozen, and checked when it is made."""

from dataclasses import dataclass, field
from typing import Final

from gateway.sandbox.quirks import WireProfile

API_AUDIENCE: Final = "https://api.partnercenter.microsoft.com"
CHINA_AUDIENCE: Final = "https://partner.partnercenterapi.microsoftonline.cn"


MIN_CUSTOMERS: Final = 14
"""The hand-shaped ones, to which the examples belong."""
MAX_CUSTOMERS: Final = 2**32 - 8


class WorldTooLarge(ValueError):
    """The world does not fit into the machine's memory."""


@dataclass(frozen=True, slots=True)
class ThrottleOptions:
    """How many calls fit into the sliding window (CONTRACT section 9)."""

    enabled: bool = True
    window_s: float = 60.0
    reads_per_customer: int = 500
    """Customer and subscription reads, for each partner and customer."""
    upgrades_per_customer: int = 60
    """Calls of `…/upgrades`, and likewise of `…/transitions`, for each partner and customer."""
    product_upgrades_per_partner: int = 60


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the vendor takes for what it does later, in seconds."""

    token_lifetime_s: int = 3600
    provisioning_s: float = 30.0
    """Between a purchase and the provisioning status `success`; up to 15 minutes live."""
    upgrade_pending_s: float = 5.0
    upgrade_in_progress_s: float = 10.0
    conversion_s: float = 20.0
    """Between the start and the end of a transition's conversion; about 36 minutes live."""
    reassignment_s: float = 10.0
    idempotency_memory_s: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the token endpoint accepts. None of it is a secret: a sandbox protects nothing."""

    tenant_id: str = "3c95518e-8c37-41e3-9627-0ca339200f53"
    client_id: str = "60a00bf2-0644-4279-83b3-87ddf96f2509"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - it opens nothing
    refresh_token: str = "sandbox-refresh-token"  # noqa: S105 - likewise
    authorization_code: str = "sandbox-authorization-code"
    developer_token: str = "sandbox"  # noqa: S105 - likewise
    rotates_refresh_tokens: bool = False
    """Whether every refresh answers with a new refresh token and refuses the old one."""
    audiences: tuple[str, ...] = (API_AUDIENCE, CHINA_AUDIENCE)


@dataclass(frozen=True, slots=True)
class CommerceShares:
    """How many of a generated customer's subscriptions belong to each commerce generation."""

    legacy_license: float = 0.6
    new_commerce: float = 0.35
    legacy_azure: float = 0.05


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Everything that a sandbox can be told when it is made; the defaults are what is served."""

    customers: int = 25
    subscriptions_per_customer: int = 20
    seed: int = 7
    shares: CommerceShares = field(default_factory=CommerceShares)
    throttle: ThrottleOptions = field(default_factory=ThrottleOptions)
    timings: Timings = field(default_factory=Timings)
    credentials: Credentials = field(default_factory=Credentials)
    wire: WireProfile = field(default_factory=WireProfile)
    source_after_upgrade: str = "suspended"
    """Status of a legacy source after a full upgrade: `suspended` or `deleted` (G3).

    With `active`, which the vendor never does, nothing refuses to upgrade a source twice.
    """
    max_azure_plans: int | None = None
    """How many product upgrades may begin before 900116 refuses them; None is no limit (G22)."""
    max_logged_calls: int = 20_000
    """How many of the latest calls the call log remembers."""

    def __post_init__(self) -> None:
        """Refuse sizes and statuses that make no world."""
        if not MIN_CUSTOMERS <= self.customers <= MAX_CUSTOMERS:
            raise ValueError(
                f"customers is {self.customers}; expected {MIN_CUSTOMERS} (the hand-shaped ones) "
                f"to {MAX_CUSTOMERS}"
            )
        if self.subscriptions_per_customer < 0:
            raise ValueError(
                f"subscriptions_per_customer is {self.subscriptions_per_customer}; expected 0 or "
                "more (the hand-shaped customers keep their own)"
            )
        if self.source_after_upgrade not in {"suspended", "deleted", "active"}:
            raise ValueError(
                f"source_after_upgrade is '{self.source_after_upgrade}'; expected suspended, "
                "deleted or active"
            )
