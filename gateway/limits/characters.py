"""How long a document may be, in characters: one token alone is read one by one."""

from gateway.limits.limit import Limit


def check_characters(text: str, bound: Limit) -> None:
    """Raise LimitExceeded for a text that is too long to be parsed."""
    bound.check(len(text), "The document is too long; send what is long in its variables.")
