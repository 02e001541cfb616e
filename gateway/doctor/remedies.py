"""What to do about each refusal of the vendor (its code table, CONTRACT 8.3), in one sentence."""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.upstream import errors
from gateway.upstream.errors import UpstreamError

_GRANT: Final = "grant the gateway's user a GDAP role on the customer: Directory Reader or above"
_OFFER: Final = "choose an offer that the catalog of the customer's country lists for this partner"
_SPELLING: Final = "compare the identifiers and values with the vendor's documents"
_LATER: Final = "wait until the vendor has finished with the subscription, then ask again"
_VENDOR: Final = "the fault is the vendor's: ask again, and give its support the correlation id"
_PATIENCE: Final = "the vendor reviews the customer: wait for the result in Partner Center"
_SUBSCRIPTION: Final = "look at the subscription's status in Partner Center and settle that first"
_TERM: Final = "choose a term and billing cycle that the target offer has and that are not shorter"
_AGREEMENT: Final = "have the agreement accepted in Partner Center"
_NOT_FOR_THIS: Final = "this purchase is not possible here: see what the customer may buy"
_TARGET: Final = "choose as toSubscriptionId another active subscription to the same catalog item"

_REMEDIES_BY_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("400 800001", "obtain a new token; if that is refused too, it is for another partner tenant"),
    (
        "900420",
        "obtain the token for the audience of the API itself"
        " (https://api.partnercenter.microsoft.com, in China"
        " https://partner.partnercenterapi.microsoftonline.cn), not for https://graph.windows.net",
    ),
    (
        "900421",
        "a person must sign in with MFA and consent again; keep the new refresh token in"
        " partner.refresh_token_file",
    ),
    (
        "900329",
        "set partner.auth to 'app_user': product upgrades and provisioning status are refused to"
        " an application without a user",
    ),
    ("900308 900150 2032", _GRANT),
    ("900309", "let the customer's conditional access policies admit the gateway's user"),
    ("90000", "the identity platform refuses the token at the customer's tenant: consent again"),
    ("20002", "ask only for customers of this partner; ask this one for a relationship first"),
    ("2006 2030 2085 2091 800020", _OFFER),
    ("2100 800004 800070 900107", _OFFER),
    ("13605", "have the customer accept the customer agreement and confirm it in Partner Center"),
    ("900123 900124", _AGREEMENT),
    ("800039 900149", "renew the partner's program membership in Partner Center"),
    ("800066 800067 60012", "reduce the customer's subscriptions or seats, or ask for more quota"),
    ("800069 800073 800074 800075 900416", _PATIENCE),
    ("900263", "new commerce subscriptions alone: read 'upgrades' in place of 'transitions'"),
    ("1000", "nothing is there: check partner.base_url, which ends before '/v1', and the id"),
    ("20003", "the customer has no such subscription; list the customer's subscriptions"),
    ("60002", "the user was removed from the customer's directory; list its users"),
    ("60003", "the customer's tenant is gone or was never the partner's; list the customers"),
    ("800007", "provisioning has not begun; look again in 15 minutes"),
    ("2000 3000 800002 900118 900126", _SPELLING),
    ("2001 2002 2011", "read the subscription again and choose a quantity the offer permits"),
    ("2012", "use the subscription id of Partner Center, not that of the customer's directory"),
    ("2055", "read the resource again and repeat with its new ETag"),
    ("60000", "some licenses were not moved: read licenseErrors and settle them in the directory"),
    ("800012 800021 800030 800091", _SUBSCRIPTION),
    ("800024 800026 800062 800042 900141 900127", _NOT_FOR_THIS),
    ("800107 800121 800122 900267 900268 900269 900270", _TERM),
    ("900236 900258 900259 900260", _TARGET),
    ("900261", "the subscription in toSubscriptionId is new: ask again in a few minutes"),
    ("900277 900279 900280 900311", "the subscription cannot be changed now: ask again later"),
    ("27009", "activate the parent subscription first"),
    ("800060 800082", _LATER),
    ("900278", "another change is running: ask again after 24 hours"),
    ("800036", "a precondition failed: read the resource again and repeat"),
    ("800003 800005 800031 800094 900192 0", _VENDOR),
    ("900106", "nothing was requested for this customer: begin a product upgrade first"),
    ("900108", "the customer has no Azure subscription, so there is nothing to upgrade"),
    ("900109", "a product upgrade is running: follow it by the id that the text gives"),
    ("900110", "the product upgrade is done already"),
    (
        "900111",
        "ask with the upgrade id that the text gives; the other belongs to another customer",
    ),
    ("900112 900113", "a product upgrade holds purchases up: buy after it has ended"),
    ("900114", "a product upgrade failed and holds purchases up: read its error and begin again"),
    ("900105", "activate or remove the customer's suspended Azure subscriptions first"),
    ("900115", "end the customer's Azure subscriptions before the plan is suspended"),
    ("900116", "the vendor's integration sandbox has its limit of Azure plans: remove one"),
    ("900119 900120", "this cannot be upgraded by the API: ask the vendor's support"),
    ("900130", "the Azure subscription was bought too recently: ask again in some days"),
)

_REMEDIES_BY_ERROR: Final[Mapping[type[UpstreamError], str]] = {
    errors.UpstreamBadInput: _SPELLING,
    errors.Unauthorized: "obtain a new token as partner.auth says, for this cloud and tenant",
    errors.UpstreamForbidden: _GRANT,
    errors.UpstreamNotFound: "check the id, and that partner.base_url ends before '/v1'",
    errors.Conflict: _LATER,
    errors.Throttled: "wait as long as the vendor says, and let fewer programs ask for this tenant",
    errors.TimedOut: "look at the network and at the vendor's service health, then ask again",
    errors.Unavailable: (
        "check partner.base_url and partner.cloud, name resolution, proxies and firewalls"
    ),
    errors.InvalidResponse: (
        "something other than Partner Center answers at partner.base_url, or a proxy changes"
        " what it says"
    ),
}
# The refusal of 2020, plain text without a code (CONTRACT 1.3).
MFA_TEXT: Final = "MFA required"


def _by_single_code() -> Iterator[tuple[str, str]]:
    for codes, cure in _REMEDIES_BY_CODES:
        yield from ((code, cure) for code in codes.split())


REMEDIES: Final[Mapping[str, str]] = dict(_by_single_code())


def remedy_for(error: UpstreamError) -> str:
    """Say what to do: by the vendor's code, else by the kind of failure; empty for other kinds."""
    if error.upstream_code is not None and error.upstream_code in REMEDIES:
        return REMEDIES[error.upstream_code]
    kinds = type(error).__mro__
    return next((_REMEDIES_BY_ERROR[kind] for kind in kinds if kind in _REMEDIES_BY_ERROR), "")
