"""The guards as their file says now; what cannot be read forbids everything."""

import tomllib
from pathlib import Path
from typing import Final

import structlog

from gateway.settings.errors import describe
from gateway.settings.principals import PrincipalForms
from gateway.settings.purchase_policy import PurchasePolicy
from gateway.settings.reloading import FileState, file_state
from gateway.settings.text_file import read_text

LOG: Final = structlog.get_logger("gateway.operations")


class PolicyUnreadable(Exception):
    """The file does not say what is allowed."""


def parse_policy(forms: PrincipalForms, text: str) -> PurchasePolicy:
    """Read the file's text. Raises ValueError naming what is wrong, or can match nobody."""
    try:
        guards = PurchasePolicy.model_validate(tomllib.loads(text))
    except ValueError as error:
        raise ValueError(describe(error)) from error
    problems = [
        f"callers: {problem}"
        for name in guards.callers
        if (problem := forms.explain_mismatch(name))
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return guards


class PurchasePolicyFile:
    """Reads a file again whenever it is another than it was; asked, not polled."""

    def __init__(self, path: Path, forms: PrincipalForms) -> None:
        self._path = path
        self._forms = forms
        self._seen: FileState | None = None
        self._found: PurchasePolicy | PolicyUnreadable = PolicyUnreadable("it has not been read")

    def current(self) -> PurchasePolicy:
        """Return what is allowed. Raises BrokenGuards; each reason is logged once."""
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
                    "guards cannot be read, so every mutation is refused",
                    file=str(self._path),
                    reason=str(self._found),
                )
        else:
            LOG.info("guards were read", file=str(self._path))
