"""Ids that tie together what is told of one request: to its client, to the vendor, in the log."""

from random import Random


class CorrelationIds:
    """Makes GUIDs as the vendor wants them, version 4.

    They name and prove nothing, so that a generator does which costs a sixth of `uuid.uuid4`.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def __call__(self) -> str:
        """Return a new one."""
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        first, second, third = digits[:8], digits[8:12], digits[13:16]
        return f"{first}-{second}-4{third}-{variant}{digits[17:20]}-{digits[20:]}"
