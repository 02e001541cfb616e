"""Remedies for Partner Center's errors, by error code (CONTRACT 8.3)."""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.upstream import errors
from gateway.upstream.errors import UpstreamError

_GRANT: Final = "Grant the gateway's user a GDAP role on the customer: Directory Reader or above."
_OFFER: Final = "Choose an offer from the catalog of the customer's country."
_SPELLING: Final = "Compare the identifiers and values with the vendor's documentation."
_LATER: Final = "Wait until Partner Center has finished processing the subscription, then retry."
_VENDOR: Final = "Partner Center failed. Retry, and give its support the correlation id."
_REVIEW: Final = "Microsoft reviews the customer. Wait for the result in Partner Center."
_SUBSCRIPTION: Final = "Check the subscription's status in Partner Center, and resolve it first."
_TERM: Final = "Choose a term and billing cycle that the target offer has and that are not shorter."
_AGREEMENT: Final = "Accept the agreement in Partner Center."
_NOT_FOR_THIS: Final = "The customer cannot buy this. Check what the customer may buy."
_TARGET: Final = "Set toSubscriptionId to another active subscription to the same catalog item."

_REMEDIES_BY_CODES: Final[tuple[tuple[str, str], ...]] = (
    (
        "400 800001",
        "Obtain a new token. If it is rejected too, it belongs to another partner tenant.",
    ),
    (
        "900420",
        "Obtain the token for the audience of the API"
        " (https://api.partnercenter.microsoft.com, in China"
        " https://partner.partnercenterapi.microsoftonline.cn), not for https://graph.windows.net.",
    ),
    (
        "900421",
        "Have a person sign in with MFA and consent again, and store the new refresh token in"
        " partner.refresh_token_file.",
    ),
    (
        "900329",
        "Set partner.auth to 'app_user'. Product upgrades and the provisioning status are not"
        " available to an application without a user.",
    ),
    ("900308 900150 2032", _GRANT),
    ("900309", "Allow the gateway's user in the customer's conditional access policies."),
    ("90000", "The identity platform rejects the token in the customer's tenant. Consent again."),
    ("20002", "The customer is not yours. Request a reseller relationship with it first."),
    ("2006 2030 2085 2091 800020", _OFFER),
    ("2100 800004 800070 900107", _OFFER),
    ("13605", "Have the customer accept the customer agreement, and confirm it in Partner Center."),
    ("900123 900124", _AGREEMENT),
    ("800039 900149", "Renew the partner's program membership in Partner Center."),
    ("800066 800067 60012", "Reduce the customer's subscriptions or seats, or request more quota."),
    ("800069 800073 800074 800075 900416", _REVIEW),
    ("900263", "This works only for new commerce. Read 'upgrades' instead of 'transitions'."),
    ("1000", "Nothing was found. Check the id, and that partner.base_url ends before '/v1'."),
    ("20003", "The customer has no such subscription. List the customer's subscriptions."),
    ("60002", "The user was removed from the customer's directory. List its users."),
    ("60003", "The customer's tenant is gone or was never the partner's. List the customers."),
    ("800007", "Provisioning has not started. Check again in 15 minutes."),
    ("2000 3000 800002 900118 900126", _SPELLING),
    ("2001 2002 2011", "Read the subscription again, and choose a quantity that the offer allows."),
    ("2012", "Use the subscription id of Partner Center, not the one of the customer's directory."),
    ("2055", "Read the resource again, and retry with its new ETag."),
    ("60000", "Some licenses were not moved. Read licenseErrors, and fix them in the directory."),
    ("800012 800021 800030 800091", _SUBSCRIPTION),
    ("800024 800026 800062 800042 900141 900127", _NOT_FOR_THIS),
    ("800107 800121 800122 900267 900268 900269 900270", _TERM),
    ("900236 900258 900259 900260", _TARGET),
    ("900261", "The subscription in toSubscriptionId is new. Retry in a few minutes."),
    ("900277 900279 900280 900311", "The subscription cannot be changed now. Retry later."),
    ("27009", "Activate the parent subscription first."),
    ("800060 800082", _LATER),
    ("900278", "Another change is running. Retry after 24 hours."),
    ("800036", "A precondition failed. Read the resource again, and retry."),
    ("800003 800005 800031 800094 900192 0", _VENDOR),
    ("900106", "No product upgrade was requested for this customer. Start one first."),
    ("900108", "The customer has no Azure subscription, so there is nothing to upgrade."),
    ("900109", "A product upgrade is running. Follow it by the id in the error text."),
    ("900110", "The product upgrade is already complete."),
    ("900111", "Use the upgrade id in the error text. The other one is another customer's."),
    ("900112 900113", "A product upgrade blocks purchases. Buy after it has ended."),
    ("900114", "A failed product upgrade blocks purchases. Read its error, and start it again."),
    ("900105", "Activate or remove the customer's suspended Azure subscriptions first."),
    ("900115", "End the customer's Azure subscriptions before you suspend the plan."),
    ("900116", "The integration sandbox has reached its limit of Azure plans. Remove one."),
    ("900119 900120", "The API cannot upgrade this. Contact Partner Center support."),
    ("900130", "The Azure subscription was bought too recently. Retry in a few days."),
)

_REMEDIES_BY_ERROR: Final[Mapping[type[UpstreamError], str]] = {
    errors.UpstreamBadInput: _SPELLING,
    errors.Unauthorized: "Obtain a new token for this cloud and tenant, as partner.auth requires.",
    errors.UpstreamForbidden: _GRANT,
    errors.UpstreamNotFound: "Check the id, and that partner.base_url ends before '/v1'.",
    errors.Conflict: _LATER,
    errors.Throttled: (
        "Wait as long as Partner Center asks, and send fewer requests for this tenant."
    ),
    errors.TimedOut: "Check the network and the health of Partner Center, then retry.",
    errors.Unavailable: "Check partner.base_url, partner.cloud, DNS, proxies and firewalls.",
    errors.InvalidResponse: (
        "Check that partner.base_url is Partner Center, and that no proxy changes its responses."
    ),
}
# An error of 2020, plain text without a code (CONTRACT 1.3).
MFA_TEXT: Final = "MFA required"


def _by_single_code() -> Iterator[tuple[str, str]]:
    for codes, remedy in _REMEDIES_BY_CODES:
        yield from ((code, remedy) for code in codes.split())


REMEDIES: Final[Mapping[str, str]] = dict(_by_single_code())


def remedy_for(error: UpstreamError) -> str:
    """Return the remedy for the error code, or else for the class of error; empty if unknown."""
    if error.upstream_code is not None and error.upstream_code in REMEDIES:
        return REMEDIES[error.upstream_code]
    kinds = type(error).__mro__
    return next((_REMEDIES_BY_ERROR[kind] for kind in kinds if kind in _REMEDIES_BY_ERROR), "")
