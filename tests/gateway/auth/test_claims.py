import json
from typing import Any

import pytest

from gateway.auth.claims import (
    check_validity_period,
    find_claim,
    get_customer_ids,
    get_subject,
    parse_scopes,
)
from gateway.auth.errors import Unauthenticated
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
    assert check_validity_period(times, NOW, LEEWAY_S) == until


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"exp": NOW - 30}, "has expired"),
        ({"exp": 0}, "has expired"),
        ({"exp": NOW + 10, "nbf": NOW + 31}, "not valid yet"),
        ({}, "exp is not a number of seconds"),
        ({"exp": "2040-01-01"}, "exp is not a number of seconds"),
        ({"exp": True}, "exp is not a number of seconds"),
        ({"exp": None}, "exp is not a number of seconds"),
        ({"exp": json.loads("Infinity")}, "exp is not a number of seconds"),
        ({"exp": json.loads("NaN")}, "exp is not a number of seconds"),
        ({"exp": 10**400}, "exp is not a number of seconds"),
        ({"exp": NOW + 10, "nbf": "now"}, "nbf is not a number of seconds"),
        ({"exp": NOW + 10, "nbf": None}, "nbf is not a number of seconds"),
    ],
    ids=str,
)
def test_a_token_outside_its_time_is_refused(times: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unauthenticated, match=reason):
        check_validity_period(times, NOW, LEEWAY_S)


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("upgrades:read", {READ}),
        ("openid upgrades:write profile", {READ, WRITE}),
        (["upgrades:admin"], {READ, ADMIN}),
        (["upgrades:admin", 7, "upgrades:write"], {READ, WRITE, ADMIN}),
        (None, set()),
        ("openid", set()),
        ("upgrades:readers UPGRADES:READ", set()),
        ({"upgrades:read": True}, set()),
    ],
)
def test_scopes_are_those_that_are_named(claim: object, scopes: set[Scope]) -> None:
    assert parse_scopes({"roles": claim}, ["roles"], []) == scopes


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scp": "upgrades:read"}, {READ}),
        ({"roles": ["upgrades:write"]}, {READ, WRITE}),
        ({"scp": "upgrades:admin", "roles": ["upgrades:write"]}, {READ, WRITE, ADMIN}),
        ({}, set()),
    ],
    ids=["a person", "an application", "both", "neither"],
)
def test_scopes_of_several_claims_count(claims: dict[str, Any], scopes: set[Scope]) -> None:
    assert parse_scopes(claims, ["scp", "roles"], []) == scopes


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("api://app/upgrades:read", {READ}),
        ("upgrades/upgrades:write", {READ, WRITE}),
        ("upgrades:read", {READ}),
        ("api://other/upgrades:read", set()),
        ("upgrades:readapi://app/", set()),
        ("api://app/api://app/upgrades:read", set()),
    ],
)
def test_a_prefix_may_stand_before_a_scope(claim: str, scopes: set[Scope]) -> None:
    assert parse_scopes({"scope": claim}, ["scope"], ["api://app/", "upgrades/"]) == scopes


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("realm_access.roles", ["a"]),
        ("resource_access.gate.way.roles", ["b"]),
        ("https://example.com/roles", ["c"]),
        ("https://example.com/access.roles", ["d"]),
        ("realm_access", {"roles": ["a"]}),
        ("realm_access.", None),
        (".roles", None),
        ("roles", None),
        ("realm_access.roles.0", None),
        ("text.roles", None),
    ],
)
def test_a_claim_is_found_by_its_name_or_by_a_path(path: str, value: object) -> None:
    claims = {
        "realm_access": {"roles": ["a"]},
        "resource_access": {"gate.way": {"roles": ["b"]}},
        "https://example.com/roles": ["c"],
        "https://example.com/access": {"roles": ["d"]},
        "text": "roles",
    }
    assert find_claim(claims, path) == value


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
    assert get_customer_ids({"tenants": claim}, "tenants") == customers


def test_a_missing_claim_is_no_customer() -> None:
    assert get_customer_ids({}, "tenants") == frozenset()


@pytest.mark.parametrize("subject", ["", None, 7, ["a"]], ids=repr)
def test_a_token_without_a_subject_is_rejected(subject: object) -> None:
    with pytest.raises(Unauthenticated, match="sub"):
        get_subject({"sub": subject})
