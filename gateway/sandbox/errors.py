"""The errors of the API: status, code and text (CONTRACT section 8)."""

from typing import Any, Final

SOURCE: Final = "PartnerFD"


class VendorError(Exception):
    """An answer with a fault in its body.

    `code` is the vendor's, `data` the fault's third member.
    """

    def __init__(
        self, status: int, code: int, description: str, data: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status = status
        self.code = code
        self.description = description
        self.data = data

    def body(self) -> dict[str, Any]:
        """The fault as the vendor writes it, its code an integer."""
        return build_error_body(self.code, self.description, self.data)


def build_error_body(code: int, description: str, data: tuple[str, ...] = ()) -> dict[str, Any]:
    """A `ServiceFault`."""
    return {
        "code": code,
        "description": description,
        "data": list(data),
        "source": SOURCE,
    }


def malformed_value_error(what: str, value: str, expected: str) -> VendorError:
    """A value that cannot be read."""
    return VendorError(400, 2000, f"{what} must be {expected}, not '{value}'.")


def invalid_input_error(what: str) -> VendorError:
    """A request body that misses or contradicts something."""
    return VendorError(400, 800002, f"The input is invalid: {what}.")


def unrelated_customer_error() -> VendorError:
    """A customer that was never the partner's (G18)."""
    return VendorError(403, 20002, "No relationship between caller and account.")


def removed_customer_error(customer_id: str) -> VendorError:
    """A customer that was the partner's once (G18)."""
    return VendorError(404, 60003, f"Tenant {customer_id} was not found.")


def subscription_not_found_error(subscription_id: str) -> VendorError:
    """A subscription that the customer does not have."""
    return VendorError(404, 20003, f"Subscription {subscription_id} was not found.")


def user_context_error() -> VendorError:
    """An app-only token where a user's is needed."""
    return VendorError(403, 900329, "App-only tokens are not supported for this operation.")


def access_denied_error() -> VendorError:
    """No token, or one that this sandbox did not issue or that has expired."""
    return VendorError(401, 400, "Access denied: the token is missing, unknown or expired.")


def audience_error(audience: str) -> VendorError:
    """A token for another API."""
    return VendorError(401, 900420, f"The token audience '{audience}' is no longer accepted.")


def mfa_error() -> VendorError:
    """A user's token without the claim of a second factor."""
    return VendorError(401, 900421, "The token has no multi-factor authentication claim.")
