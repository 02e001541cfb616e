"""The errors of the API, with the vendor's codes (CONTRACT 8)."""

from typing import Any, Final

SOURCE: Final = "PartnerFD"


class VendorError(Exception):
    """An error response of the vendor. `code`, `description` and `data` are members of its body."""

    def __init__(
        self, status: int, code: int, description: str, data: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status = status
        self.code = code
        self.description = description
        self.data = data

    def to_body(self) -> dict[str, Any]:
        return build_error_body(self.code, self.description, self.data)


class OAuthError(Exception):
    """An error of the token endpoint. `number` is the AADSTS code of the identity platform."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(f"{error}: AADSTS{number}")
        self.status = status
        self.error = error
        self.number = number
        self.text = text


def build_error_body(code: int, description: str, data: tuple[str, ...] = ()) -> dict[str, Any]:
    """Build the body of an error, which the vendor's SDK calls a `ServiceFault`."""
    return {
        "code": code,
        "description": description,
        "data": list(data),
        "source": SOURCE,
    }


def malformed_value_error(what: str, value: str, expected: str) -> VendorError:
    return VendorError(400, 2000, f"{what} must be {expected}, not '{value}'.")


def invalid_input_error(what: str) -> VendorError:
    return VendorError(400, 800002, f"The input is invalid: {what}.")


def unrelated_customer_error() -> VendorError:
    """Build the error for a customer that never belonged to the partner (G18)."""
    return VendorError(403, 20002, "No relationship between caller and account.")


def removed_customer_error(customer_id: str) -> VendorError:
    """Build the error for a customer that no longer belongs to the partner (G18)."""
    return VendorError(404, 60003, f"Tenant {customer_id} was not found.")


def subscription_not_found_error(subscription_id: str) -> VendorError:
    return VendorError(404, 20003, f"Subscription {subscription_id} was not found.")


def user_context_error() -> VendorError:
    return VendorError(403, 900329, "App-only tokens are not supported for this operation.")


def access_denied_error() -> VendorError:
    """Build the error for a token that is missing, expired, or of another issuer."""
    return VendorError(401, 400, "Access denied: the token is missing, unknown or expired.")


def audience_error(audience: str) -> VendorError:
    return VendorError(401, 900420, f"The token audience '{audience}' is no longer accepted.")


def mfa_error() -> VendorError:
    return VendorError(401, 900421, "The token has no multi-factor authentication claim.")
