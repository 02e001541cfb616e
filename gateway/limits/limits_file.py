"""The file that changes the numbers of the limits while the gateway runs.

::

    max_depth = 10
    calls_per_minute = 6_000
"""

import tomllib
from functools import partial

from gateway.settings import LimitNumbers, LimitsSettings
from gateway.settings.reloading import ReloadingFile
from gateway.settings.told import describe


def open_limits_file(settings: LimitsSettings) -> ReloadingFile[LimitNumbers] | None:
    """Watch the file that the settings name, if any. Raises ValueError where it is wrong."""
    if settings.file is None:
        return None
    given = settings.model_dump(exclude={"file"})
    try:
        return ReloadingFile(settings.file, partial(parse_limits, given))
    except ValueError as error:
        raise ValueError(f"limits.file: {error}") from error


def parse_limits(given: dict[str, object], text: str) -> LimitNumbers:
    """Read the file; what it does not say is as given. Raises ValueError naming what is wrong."""
    try:
        return LimitNumbers.model_validate(given | tomllib.loads(text))
    except ValueError as error:
        raise ValueError(describe(error)) from error
