"""Times in the vendor's formats, with none to seven fractional digits (CONTRACT Q10, Q11)."""

import math
import time
from datetime import UTC, datetime
from typing import Final

DAY_S: Final = 86_400
NEVER_S: Final = 253_399_622_400.0
"""The year 9999, which is the vendor's end date of what does not end."""


class Timestamp:
    """A time in a body, with as many fractional digits as in the vendor's sample."""

    __slots__ = ("digits", "epoch_s")

    def __init__(self, epoch_s: float, digits: int = 0) -> None:
        self.epoch_s = epoch_s
        self.digits = digits

    def format(self, digits: int | None = None, separator: str = ":") -> str:
        """Format as ISO 8601 in UTC. `digits` overrides the number of fractional digits."""
        fraction, whole_s = math.modf(self.epoch_s)
        time_of_day = time.strftime(f"%H{separator}%M{separator}%S", time.gmtime(whole_s))
        date = time.strftime("%Y-%m-%d", time.gmtime(whole_s))
        used_digits = self.digits if digits is None else digits
        ticks = f"{int(fraction * 1_000_000):06d}5"[:used_digits]
        return f"{date}T{time_of_day}{'.' if used_digits else ''}{ticks}Z"


def parse_date_s(text: str) -> float:
    """Parse an ISO 8601 time; without a zone, in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def midnight(epoch_s: float) -> Timestamp:
    """Return the start of a day, which the vendor sends in place of a date."""
    return Timestamp(epoch_s - epoch_s % DAY_S)
