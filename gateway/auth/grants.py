"""What a verified token permits, by the settings."""

from dataclasses import dataclass

from gateway.auth.claims import Claims, get_customer_ids, get_subject, parse_scopes
from gateway.auth.customers_file import CustomersBySubject
from gateway.settings.asked_file import AskedFile
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class ClaimGrants:
    """Fits `jwt_callers.Grants`.

    Attributes:
        customers_claim: empty where no claim limits a caller.
        customers_file: None where no file does; at most one of the two is there.
    """

    scopes_claims: tuple[str, ...]
    scopes_prefixes: tuple[str, ...]
    default_scopes: frozenset[Scope]
    customers_claim: str
    customers_file: AskedFile[CustomersBySubject] | None

    def scopes(self, claims: Claims) -> frozenset[Scope]:
        """Return those that the claims name, and those of every token."""
        named = parse_scopes(claims, self.scopes_claims, self.scopes_prefixes)
        return named | self.default_scopes

    def customers(self, claims: Claims) -> frozenset[str] | None:
        """Return whom the file or the claim names; whoever is not in it sees nobody."""
        if self.customers_file is not None:
            return self.customers_file.current().get(get_subject(claims), frozenset())
        return get_customer_ids(claims, self.customers_claim) if self.customers_claim else None
