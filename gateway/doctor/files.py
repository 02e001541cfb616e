"""Whether every file that the settings name could be put in force."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateway.auth.api_keys import parse_keys
from gateway.auth.customers_file import parse_customers
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.limits.file import numbers_of
from gateway.operations.guards_file import guards_of
from gateway.persisted import manifest
from gateway.settings import Settings
from gateway.settings.text_file import read_text


def examine_files(settings: Settings) -> list[Finding]:
    """Read the files, one finding each; nothing to say of those that are not set."""
    auth, limits = settings.auth, settings.limits
    numbers = partial(numbers_of, limits.model_dump(exclude={"file"}))
    readers: tuple[tuple[Step, Path | None, Callable[[Path], object], str], ...] = (
        (Step.KEYS_FILE, auth.keys_file, _text(parse_keys), "see docs/access.md"),
        (Step.CUSTOMERS_FILE, auth.customers_file, _text(parse_customers), "see docs/access.md"),
        (Step.LIMITS_FILE, limits.file, _text(numbers), "see docs/limits.md"),
        (
            Step.GUARDS_FILE,
            settings.guards.file,
            _text(guards_of),
            "see 'Guards' in README.md; until it is right nothing is bought",
        ),
        (
            Step.DOCUMENTS_FILE,
            settings.persisted.file,
            manifest.read,
            "write it with 'upgrade-gateway persisted add'",
        ),
    )
    return [_file(step, path, read, cure) for step, path, read, cure in readers if path]


def _text(parse: Callable[[str], object]) -> Callable[[Path], object]:
    return lambda path: parse(read_text(path))


def _file(step: Step, path: Path, read: Callable[[Path], object], cure: str) -> Finding:
    try:
        read(path)
    except OSError as error:
        detail = f"'{path}' cannot be read ({error.strerror})"
        return Finding(step, Outcome.FAILED, detail, f"correct its path or rights; {cure}")
    except manifest.WrongManifest as error:
        return Finding(step, Outcome.FAILED, str(error), cure)  # names the file itself
    except ValueError as error:
        return Finding(step, Outcome.FAILED, f"'{path}': {error}", cure)
    return Finding(step, Outcome.PASSED, f"'{path}' read")
