"""The most that a rule allows, and its refusal."""

from dataclasses import dataclass

from schema.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule by its name, with its number.

    Attributes:
        is_told: whether a refusal tells the number; in production that is the operator's.
    """

    rule: str
    maximum: int
    reveal_value: bool = False

    def check(self, count: int, message: str) -> None:
        """Raise LimitExceeded with the advice when there are more than the bound."""
        if count > self.maximum:
            raise self.exceeded(message)

    def exceeded(self, message: str) -> LimitExceeded:
        """Build the refusal."""
        return LimitExceeded.for_rule(
            self.rule, message, self.maximum if self.reveal_value else None
        )
