"""May this caller touch this row: pure, and no unless something says yes.

Whatever is of no customer of a caller is `Forbidden`, which is what the vendor answers for a
customer that is not the partner's. It is decided by the id alone, before anything is asked: a
customer that exists and one that does not are answered alike, in the same time.
"""

from schema.errors import Forbidden
from schema.quoting import quote


def is_authorized(customers: frozenset[str], customer_id: str) -> bool:
    """Whether a customer is one of a caller's, whose ids are in lower case."""
    return customer_id.lower() in customers


def check_customer(customers: frozenset[str], customer_id: str) -> None:
    """Raise Forbidden for a customer that is not one of a caller's."""
    if not is_authorized(customers, customer_id):
        raise Forbidden(
            f"Customer {quote(customer_id)} is not one of yours; `customers` lists those that are."
        )
