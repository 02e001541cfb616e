"""Issuers that have several names."""

import pytest

from gateway.settings.principals import principal_issuers

TENANT = "8f3a6c1e-2f57-4d7e-9d3b-0a1f3f0e6c11"
OTHER = "00000000-2f57-4d7e-9d3b-0a1f3f0e6c11"
V1 = f"https://sts.windows.net/{TENANT}/"
V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"


def test_both_versions_of_a_tenant_have_the_name_that_comes_first() -> None:
    assert principal_issuers([V2, V1]) == {V2: V2, V1: V2}
    assert principal_issuers([V1, V2]) == {V1: V1, V2: V1}


@pytest.mark.parametrize(
    "other",
    [
        f"https://sts.windows.net/{OTHER}/",
        f"https://evil.example/{TENANT}/v2.0",
        f"https://sts.windows.net.evil.example/{TENANT}/",
        f"https://login.microsoftonline.com/{TENANT}/v2.0/",
        "https://okta.example/oauth2/default",
    ],
)
def test_other_issuers_keep_their_own_name(other: str) -> None:
    assert principal_issuers([V2, other]) == {V2: V2, other: other}
