import pytest

from gateway.doctor.remedies import REMEDIES, remedy_for
from gateway.upstream import errors
from gateway.upstream.errors import UpstreamError

# CONTRACT 8.3, row by row, with the codes of product upgrades.
VENDOR_CODES = """
400 800001 900420 900421 900308 900309 90000 900150 2032 900329 20002 2006 2030 2085 2091 800020
13605 800039 900149 800066 800067 800069 800073 800074 800075 900416 900263 1000 20003 60002 60003
800007 2000 3000 800002 900118 900126 2001 2002 2011 2012 2055 2100 800004 800070 60000 60012
800012 800021 800030 800091 800024 800026 800062 800042 900141 900127 800107 800121 800122 900236
900258 900259 900260 900261 900267 900268 900269 900270 900277 900279 900280 900311 27009 800060
800082 900278 800036 800003 800005 800031 800094 900192 0
900106 900107 900108 900109 900110 900111 900112 900113 900114 900105 900130 900115 900116 900119
900120 900123 900124
"""


def test_every_code_of_the_vendors_table_has_a_remedy_and_no_other() -> None:
    assert set(REMEDIES) == set(VENDOR_CODES.split())
    assert all(REMEDIES.values())


def test_the_code_decides_before_the_kind_of_error() -> None:
    error = errors.UpstreamForbidden("refused", status=403, upstream_code="900329")
    assert "app_user" in remedy_for(error)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (errors.UpstreamBadInput, "Compare"),
        (errors.Unauthorized, "new token"),
        (errors.UpstreamForbidden, "GDAP"),
        (errors.UpstreamNotFound, "Check the id"),
        (errors.Conflict, "Wait"),
        (errors.Throttled, "Wait"),
        (errors.TimedOut, "network"),
        (errors.Unavailable, "partner.base_url"),
        (errors.InvalidResponse, "proxy"),
    ],
)
def test_the_remedy_for_an_unknown_code_depends_on_the_kind_of_error(
    kind: type[UpstreamError], word: str
) -> None:
    assert word in remedy_for(kind("failed", upstream_code="4711"))
    assert word in remedy_for(kind("failed"))


def test_an_error_of_our_own_has_no_remedy() -> None:
    assert remedy_for(errors.CallBudgetExceeded("too many")) == ""
