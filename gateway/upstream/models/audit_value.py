"""Redacts the resources in audit records, which hold personal data and passwords (Q37)."""

import json
from typing import Any, Final

REDACTED: Final = "[redacted]"

# Members of orders and subscriptions that identify things or count them, in lower case. The values
# of all others are redacted, because any resource of a customer can be in a record.
_KEPT: Final = frozenset(
    {
        *("id", "alternateid", "referencecustomerid", "commerceid", "objecttype"),
        *("orderid", "productorderid", "offerid", "subscriptionid", "parentsubscriptionid"),
        *("migratedfromsubscriptionid", "entitlementid", "promotionid", "renewsto"),
        *("productid", "skuid", "availabilityid", "catalogitemid", "operationid"),
        *("fromcatalogitemid", "fromsubscriptionid", "tocatalogitemid", "tosubscriptionid"),
        *("targetcatalogitemid", "targetsubscriptionid", "sourcesubscriptionid", "upgradetype"),
        *("lineitemnumber", "quantity", "totalquantity", "status", "unittype", "transitiontype"),
        *("billingcycle", "billingtype", "termduration", "renewaltermduration", "contracttype"),
        *("currencycode", "transactiontype", "scheduletype", "scheduledtype", "actiontype"),
        *("creationdate", "effectivestartdate", "effectivedate", "customtermenddate"),
        *("commitmentenddate", "commitmentenddatetime", "cancellationalloweduntildate"),
    }
)


def redact(text: str | None) -> Any:
    """Return a resource without its values that may be personal or secret.

    Args:
        text: a JSON document; other text is redacted as a whole.
    """
    if not text:
        return None
    try:
        return _redact_value(json.loads(text), is_kept=False)
    except (ValueError, RecursionError):
        return REDACTED


def _redact_value(value: Any, *, is_kept: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: _redact_value(each, is_kept=name.lower() in _KEPT) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_redact_value(each, is_kept=is_kept) for each in value]
    if is_kept or value is None or isinstance(value, bool):
        return value
    return REDACTED
