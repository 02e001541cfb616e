"""Times as the vendor writes them, from no fractional digit to seven (CONTRACT Q10, Q11)."""

import math
import time
from typing import Final

DAY_S: Final = 86_400
NEVER_S: Final = 253_399_622_400.0
"""The year 9999, by which the vendor says that something does not end."""


class Timestamp:
    """A moment on its way into a body, with the digits that the samples show for it."""

    __slots__ = ("digits", "epoch_s")

    def __init__(self, epoch_s: float, digits: int = 0) -> None:
        self.epoch_s = epoch_s
        self.digits = digits

    def format(self, digits: int | None = None, separator: str = ":") -> str:
        """ISO 8601 in UTC; `digits` overrides those of the samples."""
        fraction, whole_s = math.modf(self.epoch_s)
        time_of_day = time.strftime(f"%H{separator}%M{separator}%S", time.gmtime(whole_s))
        date = time.strftime("%Y-%m-%d", time.gmtime(whole_s))
        used_digits = self.digits if digits is None else digits
        ticks = f"{int(fraction * 1_000_000):06d}5"[:used_digits]
        return f"{date}T{time_of_day}{'.' if used_digits else ''}{ticks}Z"


def midnight(epoch_s: float) -> Timestamp:
    """The start of the day, in which the vendor gives the dates of contracts."""
    return Timestamp(epoch_s - epoch_s % DAY_S)
