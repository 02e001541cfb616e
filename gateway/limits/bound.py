"""The most that a rule allows, and its refusal."""

from dataclasses import dataclass

from schema.problems import LimitExceeded


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule by its name, with its number.

    Attributes:
        is_told: whether a refusal tells the number; in production that is the operator's.
    """

    rule: str
    most: int
    is_told: bool = False

    def check(self, count: int, advice: str) -> None:
        """Raise LimitExceeded with the advice when there are more than the bound."""
        if count > self.most:
            raise self.exceeded(advice)

    def exceeded(self, advice: str) -> LimitExceeded:
        """Build the refusal."""
        return LimitExceeded.of(self.rule, advice, self.most if self.is_told else None)
