"""The purchase policy: what an operator allows, in a file that may change at any time."""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import structlog
from pydantic import AfterValidator, Field

from gateway.settings.errors import describe
from gateway.settings.principals import PrincipalForms
from gateway.settings.reloading import FileState, file_state, read_text
from gateway.settings.sections import SettingsSection
from gateway.settings.validators import validate_customer_id

LOG: Final = structlog.get_logger("gateway.operations")


RestrictedUpgradeType = Literal[
    "UPGRADE_ONLY",
    "UPGRADE_WITH_LICENSE_TRANSFER",
    "PRODUCT_UPGRADE",
    "TRANSITION_ONLY",
    "TRANSITION_WITH_LICENSE_TRANSFER",
    "SCHEDULED_CHANGE",
]
CustomerId = Annotated[str, AfterValidator(validate_customer_id)]


class CustomerPolicy(SettingsSection):
    writes: bool = True


class CallerPolicy(SettingsSection):
    """Restrictions of one caller. If an attribute is None, the value for all callers applies."""

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None


class PurchasePolicy(SettingsSection):
    """The content of the policy file. An empty file allows everything.

    Attributes:
        writes: whether mutations may buy anything.
        seats_per_hour: the licenses that each caller may buy within 3,600 s.
        upgrade_types: the types that may be bought; None for all.
        customers: policies by tenant id, in any letter case.
        callers: policies by principal.
    """

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None
    customers: dict[CustomerId, CustomerPolicy] = Field(default_factory=dict)
    callers: dict[str, CallerPolicy] = Field(default_factory=dict)


class PolicyUnreadable(Exception):
    """The purchase policy cannot be read, so nothing is allowed."""


def parse_policy(forms: PrincipalForms, text: str) -> PurchasePolicy:
    """Parse the policy file. Raises ValueError for wrong values and impossible principals."""
    try:
        policy = PurchasePolicy.model_validate(tomllib.loads(text))
    except ValueError as error:
        raise ValueError(describe(error)) from error
    problems = [
        f"callers: {problem}"
        for name in policy.callers
        if (problem := forms.explain_mismatch(name))
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return policy


class PurchasePolicyFile:
    """Reads the purchase policy from its file, again whenever the file has changed."""

    def __init__(self, path: Path, forms: PrincipalForms) -> None:
        self._path = path
        self._forms = forms
        self._seen: FileState | None = None
        self._found: PurchasePolicy | PolicyUnreadable = PolicyUnreadable(
            "The file has not been read."
        )

    def current(self) -> PurchasePolicy:
        """Return the policy. Raises PolicyUnreadable, and logs each reason once."""
        seen = file_state(self._path)
        if seen is None or seen != self._seen:
            self._seen = seen
            self._read()
        if isinstance(self._found, PolicyUnreadable):
            raise self._found
        return self._found

    def _read(self) -> None:
        before = self._found
        try:
            self._found = parse_policy(self._forms, read_text(self._path))
        except (OSError, ValueError) as error:
            self._found = PolicyUnreadable(str(error))
            if str(before) != str(self._found):
                LOG.error(
                    "purchase policy cannot be read, every mutation is refused",
                    file=str(self._path),
                    reason=str(self._found),
                )
        else:
            LOG.info("purchase policy was read", file=str(self._path))
