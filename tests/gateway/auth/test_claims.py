import json
from typing import Any

import pytest

from gateway.auth.claims import check_time, customers_of, scopes_of, subject_of
from gateway.auth.unauthenticated import Unauthenticated
from schema.scopes import Scope

NOW = 1_000_000.0
LEEWAY_S = 30.0

READ, WRITE, ADMIN = Scope.READ, Scope.WRITE, Scope.ADMIN


@pytest.mark.parametrize(
    ("times", "until"),
    [
        ({"exp": NOW + 10}, NOW + 40),
        ({"exp": NOW - 29}, NOW + 1),
        ({"exp": NOW + 10, "nbf": NOW + 30}, NOW + 40),
        ({"exp": int(NOW) + 10, "nbf": 0}, NOW + 40),
    ],
    ids=["valid", "expired within the leeway", "early within the leeway", "whole numbers"],
)
def test_a_token_is_good_until_its_end_and_the_leeway(times: dict[str, Any], until: float) -> None:
    assert check_time(times, NOW, LEEWAY_S) == until


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"exp": NOW - 30}, "has expired"),
        ({"exp": 0}, "has expired"),
        ({"exp": NOW + 10, "nbf": NOW + 31}, "not valid yet"),
        ({}, r"does not say.*exp"),
        ({"exp": "2040-01-01"}, r"does not say.*exp"),
        ({"exp": True}, r"does not say.*exp"),
        ({"exp": None}, r"does not say.*exp"),
        ({"exp": json.loads("Infinity")}, r"does not say.*exp"),
        ({"exp": json.loads("NaN")}, r"does not say.*exp"),
        ({"exp": 10**400}, r"does not say.*exp"),
        ({"exp": NOW + 10, "nbf": "now"}, r"does not say.*nbf"),
        ({"exp": NOW + 10, "nbf": None}, r"does not say.*nbf"),
    ],
    ids=str,
)
def test_a_token_outside_its_time_is_refused(times: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unauthenticated, match=reason):
        check_time(times, NOW, LEEWAY_S)


@pytest.mark.parametrize(
    ("claim", "default", "scopes"),
    [
        ("upgrades:read", "", {READ}),
        ("openid upgrades:write profile", "", {READ, WRITE}),
        (["upgrades:admin"], "", {READ, ADMIN}),
        (["upgrades:admin", 7, "upgrades:write"], "", {READ, WRITE, ADMIN}),
        (None, "", set()),
        ("openid", "", set()),
        ("upgrades:readers UPGRADES:READ", "", set()),
        ({"upgrades:read": True}, "", set()),
        (None, "upgrades:read", {READ}),
        ("upgrades:write", "upgrades:read", {READ, WRITE}),
    ],
)
def test_scopes_are_those_that_are_named(claim: object, default: str, scopes: set[Scope]) -> None:
    assert scopes_of({"roles": claim}, "roles", default) == scopes


@pytest.mark.parametrize(
    ("claim", "customers"),
    [
        (["A", "b"], {"a", "b"}),
        ("A b", {"a", "b"}),
        (["*"], None),
        (["*", "a"], None),
        ([], set()),
        ("", set()),
        (None, set()),
        (7, set()),
        ([None], set()),
    ],
)
def test_a_caller_sees_the_customers_that_are_named(
    claim: object, customers: set[str] | None
) -> None:
    assert customers_of({"tenants": claim}, "tenants") == customers


def test_a_missing_claim_is_no_customer() -> None:
    assert customers_of({}, "tenants") == frozenset()


@pytest.mark.parametrize("subject", ["", None, 7, ["a"]], ids=repr)
def test_a_token_of_nobody_is_refused(subject: object) -> None:
    with pytest.raises(Unauthenticated, match="sub"):
        subject_of({"sub": subject})
