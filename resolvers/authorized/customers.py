"""Whether a caller may access a customer. Access is denied unless it is granted.

The decision depends only on the id and is made before any call. The response is the same, and
takes the same time, whether or not the customer exists.
"""

from schema.errors import Forbidden
from schema.quoting import quote


def is_authorized(customers: frozenset[str], customer_id: str) -> bool:
    """Whether a customer is among `customers`, ids in lower case."""
    return customer_id.lower() in customers


def check_customer(customers: frozenset[str], customer_id: str) -> None:
    """Raise Forbidden unless a customer is among `customers`, ids in lower case."""
    if not is_authorized(customers, customer_id):
        raise Forbidden(
            f"You have no access to customer {quote(customer_id)}. `customers` lists yours."
        )
