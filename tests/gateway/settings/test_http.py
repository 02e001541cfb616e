import pytest
from pydantic import ValidationError

from gateway.settings.http import HttpSettings


def test_further_headers_are_named_one_by_one() -> None:
    assert HttpSettings(allowed_headers="X-Tenant x-branch").allowed_headers.split() == [
        "X-Tenant",
        "x-branch",
    ]


@pytest.mark.parametrize("names", ["x-tenant, x-branch", "x-tenant:1", "x-té"])
def test_an_invalid_header_name_is_rejected(names: str) -> None:
    with pytest.raises(ValidationError, match="expected names of headers"):
        HttpSettings(allowed_headers=names)
