"""Whether the file of limits could be put in force."""

from gateway.doctor.findings import Finding, Outcome, Step
from gateway.limits.file import open_file
from gateway.settings import LimitsSettings


def examine_limits(limits: LimitsSettings) -> list[Finding]:
    """Read the file that the settings name; nothing to say where they name none."""
    try:
        file = open_file(limits)
    except ValueError as wrong:
        return [Finding(Step.LIMITS_FILE, Outcome.FAILED, str(wrong), "see docs/limits.md")]
    if file is None:
        return []
    return [Finding(Step.LIMITS_FILE, Outcome.PASSED, f"'{limits.file}' read")]
