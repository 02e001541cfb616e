"""The report: one finding for each step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from gateway.settings.masking import mask_secrets


class Step(StrEnum):
    """The steps of the check, in the order in which they run."""

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
    POLICY_FILE = "purchase policy file"
    DOCUMENTS_FILE = "documents file"


# A step runs if the step it needs has not failed.
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
    PASSED = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a step, and a remedy for it. It contains no secrets."""

    step: Step
    outcome: Outcome
    detail: str
    remedy: str = ""

    def masked(self, secrets: Collection[str]) -> "Finding":
        """Return a copy in which these secrets are masked, because error texts may quote them."""
        detail, remedy = (mask_secrets(text, secrets) for text in (self.detail, self.remedy))
        return replace(self, detail=detail, remedy=remedy)

    def as_json(self) -> dict[str, str]:
        return {
            "step": self.step,
            "outcome": self.outcome,
            "detail": self.detail,
            "remedy": self.remedy,
        }

    @property
    def allows_next(self) -> bool:
        """Whether the steps that need this one can run."""
        return self.outcome in (Outcome.PASSED, Outcome.WARNING)


@dataclass(frozen=True, slots=True)
class Report:
    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether no step failed. Skipped steps do not count as failed."""
        return all(finding.outcome is not Outcome.FAILED for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        return {
            "healthy": self.is_healthy,
            "findings": [finding.as_json() for finding in self.findings],
        }


def not_tried(step: Step, why: str) -> Finding:
    return Finding(step, Outcome.NOT_TRIED, why)


def report_invalid_settings(reason: str) -> Report:
    """Report that the settings are invalid, so that no other step can run."""
    first = Finding(
        Step.SETTINGS, Outcome.FAILED, reason, "Correct them. docs/settings.md lists all settings."
    )
    rest = (not_tried(step, f"needs {Step.SETTINGS}") for step in Step if step != Step.SETTINGS)
    return Report((first, *rest))
