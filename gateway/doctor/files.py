"""Checks the files that the settings name."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from gateway.auth.api_keys import parse_keys
from gateway.auth.customers_file import parse_customers
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.limits.limits_file import parse_limits
from gateway.operations.policy.policy_file import PurchasePolicy, parse_policy
from gateway.persisted import manifest
from gateway.settings import Settings
from gateway.settings.principals import PrincipalForms, parse_key_name
from gateway.settings.reloading import read_text

T = TypeVar("T")

_MOST_NAMES: Final = 10


def check_files(settings: Settings) -> list[Finding]:
    """Read each file that the settings name, and return a finding for each."""
    auth, limits = settings.auth, settings.limits
    numbers = partial(parse_limits, limits.model_dump(exclude={"file"}))
    parse_purchase_policy = partial(parse_policy, PrincipalForms(auth, settings.partner))
    readers: tuple[tuple[Step, Path | None, Callable[[Path], object], str], ...] = (
        (Step.KEYS_FILE, auth.keys_file, _with_text(parse_keys), "See docs/guides/access.md."),
        (
            Step.CUSTOMERS_FILE,
            auth.customers_file,
            _with_text(parse_customers),
            "See docs/guides/access.md.",
        ),
        (Step.LIMITS_FILE, limits.file, _with_text(numbers), "See docs/guides/limits.md."),
        (
            Step.POLICY_FILE,
            settings.guards.file,
            _with_text(parse_purchase_policy),
            "See docs/guides/purchase-policy.md. Until the file is valid, nothing can be bought.",
        ),
        (
            Step.DOCUMENTS_FILE,
            settings.persisted.file,
            manifest.read_documents,
            "Create it with 'upgrade-gateway persisted add'.",
        ),
    )
    found = [_check_file(step, path, read, remedy) for step, path, read, remedy in readers if path]
    warning = _warn_of_unknown_keys(
        auth.keys_file, settings.guards.file, parse_purchase_policy, found
    )
    return [warning if warning and each.step is Step.POLICY_FILE else each for each in found]


def _warn_of_unknown_keys(
    keys_file: Path | None,
    policy_file: Path | None,
    parse: Callable[[str], PurchasePolicy],
    found: Sequence[Finding],
) -> Finding | None:
    """Warn of a policy for API keys that the keys file does not have, if both files are valid."""
    wrong = {finding.step for finding in found if finding.outcome is Outcome.FAILED}
    if keys_file is None or policy_file is None or wrong & {Step.KEYS_FILE, Step.POLICY_FILE}:
        return None
    known = sorted(_with_text(parse_keys)(keys_file).names)
    named = filter(None, map(parse_key_name, _with_text(parse)(policy_file).callers))
    unknown = [name for name in named if name not in known]
    if not unknown:
        return None
    return Finding(
        Step.POLICY_FILE,
        Outcome.WARNING,
        f"'{policy_file}' restricts {_join_names(unknown)}; '{keys_file}' has no such API key",
        f"Correct the name or add the key. The file has the keys {_join_names(known) or 'none'}.",
    )


def _join_names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    shown = ", ".join(map(repr, names[:_MOST_NAMES]))
    return f"{shown} and {more} more" if more > 0 else shown


def _with_text(parse: Callable[[str], T]) -> Callable[[Path], T]:
    return lambda path: parse(read_text(path))


def _check_file(step: Step, path: Path, read: Callable[[Path], object], remedy: str) -> Finding:
    try:
        read(path)
    except OSError as error:
        detail = f"'{path}' cannot be read ({error.strerror})"
        return Finding(step, Outcome.FAILED, detail, f"Correct its path or permissions. {remedy}")
    except manifest.ManifestError as error:
        return Finding(step, Outcome.FAILED, str(error), remedy)  # its text names the file
    except ValueError as error:
        return Finding(step, Outcome.FAILED, f"'{path}': {error}", remedy)
    return Finding(step, Outcome.PASSED, f"'{path}' read")
