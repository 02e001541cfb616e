"""A limit with its name and its maximum."""

from dataclasses import dataclass

from schema.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum, and the error for exceeding it.

    Attributes:
        rule: the name in `extensions` of the error.
        reveal_value: whether the error contains the maximum; false in production.
        unit: follows the maximum in the error, for example "bytes".
    """

    rule: str
    maximum: int
    reveal_value: bool = False
    unit: str = ""

    def check(self, count: int, message: str) -> None:
        """Raise LimitExceeded with the message if the count is greater than the maximum."""
        if count > self.maximum:
            raise self.exceeded(message)

    def exceeded(self, message: str) -> LimitExceeded:
        """Build the error. The message says what is wrong and what to do; the maximum is added."""
        if not self.reveal_value:
            return LimitExceeded.for_rule(self.rule, message)
        maximum = f"{self.maximum:,} {self.unit}".rstrip()
        return LimitExceeded.for_rule(self.rule, f"{message} The limit is {maximum}.", self.maximum)
