"""Customers as files name them."""

from schema.guids import EXAMPLE_GUID, GUID

_SHOWN_CHARS = 80


def validate_customer_id(text: str) -> str:
    """Return a tenant id as it came. Raises ValueError for one that no customer can have."""
    if GUID.fullmatch(text):
        return text
    raise ValueError(
        f"no customer has the id {text[:_SHOWN_CHARS]!r};"
        f" expected a tenant id such as {EXAMPLE_GUID}"
    )
