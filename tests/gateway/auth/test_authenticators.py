import pytest

from gateway.auth.authenticators import parse_bearer
from gateway.auth.errors import Unauthenticated


@pytest.mark.parametrize("header", [b"Bearer abc", b"bearer abc", b"BEARER   abc  "])
def test_the_credential_follows_bearer(header: bytes) -> None:
    assert parse_bearer([header]) == "abc"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([b"Basic abc"], "Send the credential as"),
        ([b"Bearer"], "Send the credential as"),
        ([b"Bearer  "], "Send the credential as"),
        ([b""], "Send the credential as"),
        ([b"Bearer abc", b"Bearer abc"], "several Authorization headers"),
        ([b"Bearer " + b"a" * 16_384], "longer than 16384 bytes"),
        ([b"Bearer \xe9"], "characters outside ASCII"),
    ],
    ids=["basic", "scheme alone", "spaces", "empty", "two", "oversize", "latin"],
)
def test_anything_else_is_challenged_with_the_reason(headers: list[bytes], reason: str) -> None:
    with pytest.raises(Unauthenticated, match=reason) as refused:
        parse_bearer(headers)

    assert 'error="invalid_token"' in refused.value.challenge


def test_a_request_without_a_credential_is_challenged_without_an_error() -> None:
    with pytest.raises(Unauthenticated, match="requires a credential") as refused:
        parse_bearer([])

    assert refused.value.challenge == 'Bearer realm="upgrade-gateway"'
