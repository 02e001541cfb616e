"""The TOML file that changes limits while the gateway runs.

::

    max_depth = 10
    calls_per_minute = 6_000
"""

import tomllib
from functools import partial

from gateway.settings import LimitNumbers, LimitsSettings
from gateway.settings.errors import describe
from gateway.settings.reloading import ReloadingFile


def open_limits_file(settings: LimitsSettings) -> ReloadingFile[LimitNumbers] | None:
    """Open the file that the settings name; None if they name none. Raises ValueError."""
    if settings.file is None:
        return None
    defaults = settings.model_dump(exclude={"file"})
    try:
        return ReloadingFile(settings.file, partial(parse_limits, defaults))
    except ValueError as error:
        raise ValueError(f"limits.file: {error}") from error


def parse_limits(defaults: dict[str, object], text: str) -> LimitNumbers:
    """Parse the file; limits that are not in it have their defaults. Raises ValueError."""
    try:
        return LimitNumbers.model_validate(defaults | tomllib.loads(text))
    except ValueError as error:
        raise ValueError(describe(error)) from error
