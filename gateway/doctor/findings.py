"""What the doctor says: a finding for each step, in order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from gateway.settings.masking import mask_secrets


class Step(StrEnum):
    """What is tested, in this order."""

    SETTINGS = "settings"
    TOKEN = "token"  # noqa: S105 - the name of a step
    CONNECTION = "connection"
    AUDIENCE = "audience"
    MFA = "MFA"
    USER_CONTEXT = "user context"
    CUSTOMERS = "customer page"
    SUBSCRIPTIONS = "subscription list"
    UPGRADES = "upgrade list"
    CLOCK = "clock"
    THROTTLE = "throttle"
    STORE = "operations store"
    ISSUER = "issuer"
    KEYS_FILE = "API keys"
    CUSTOMERS_FILE = "customers file"
    LIMITS_FILE = "limits file"
    GUARDS_FILE = "guards file"
    DOCUMENTS_FILE = "documents file"


# A step is tried when the one it needs has not failed.
NEEDS: Final = {
    Step.TOKEN: Step.SETTINGS,
    Step.CONNECTION: Step.TOKEN,
    Step.AUDIENCE: Step.CONNECTION,
    Step.MFA: Step.AUDIENCE,
    Step.USER_CONTEXT: Step.MFA,
    Step.CUSTOMERS: Step.MFA,
    Step.SUBSCRIPTIONS: Step.CUSTOMERS,
    Step.UPGRADES: Step.SUBSCRIPTIONS,
    Step.CLOCK: Step.CONNECTION,
    Step.THROTTLE: Step.TOKEN,
}


class Outcome(StrEnum):
    """How a step ended."""

    PASSED = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a step, what was seen, and what to do about it; no secret in any."""

    step: Step
    outcome: Outcome
    detail: str
    remedy: str = ""

    def masked(self, secrets: Collection[str]) -> "Finding":
        """Return it with secrets masked, whoever quoted them."""
        detail, remedy = (mask_secrets(text, secrets) for text in (self.detail, self.remedy))
        return replace(self, detail=detail, remedy=remedy)

    def as_json(self) -> dict[str, str]:
        return {
            "step": self.step,
            "outcome": self.outcome,
            "detail": self.detail,
            "cure": self.remedy,
        }

    @property
    def allows_next(self) -> bool:
        """Whether the steps that need this one can be tried."""
        return self.outcome in (Outcome.PASSED, Outcome.WARNING)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, one for each step."""

    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing failed; what was not tried because nothing was there to try is fine."""
        return all(finding.outcome is not Outcome.FAILED for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "healthy": self.is_healthy,
            "findings": [finding.as_json() for finding in self.findings],
        }


def not_tried(step: Step, why: str) -> Finding:
    """A step that could not be tried."""
    return Finding(step, Outcome.NOT_TRIED, why)


def report_invalid_settings(reason: str) -> Report:
    """The report on settings that stop the start: nothing else can be tried."""
    first = Finding(
        Step.SETTINGS, Outcome.FAILED, reason, "correct them; docs/settings.md lists all"
    )
    rest = (not_tried(step, f"needs {Step.SETTINGS}") for step in Step if step != Step.SETTINGS)
    return Report((first, *rest))
