import pytest

from gateway.settings.validators import is_loopback, validate_base_url


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LocalHost"]
)
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "::", "10.0.0.1", "example.org", "localhost.example.org", ""]
)
def test_other_machines_may_reach_everything_else(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.partnercenter.microsoft.com",
        "https://proxy.example:8443",
        "http://127.0.0.1:8001",
        "http://[::1]:8001",
        "http://localhost",
    ],
)
def test_an_address_is_scheme_host_and_port(url: str) -> None:
    assert validate_base_url(url) == url
    assert validate_base_url(f"{url}/") == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("api.partnercenter.microsoft.com", "such as https://"),
        ("ftp://example.org", "such as https://"),
        ("https://", "such as https://"),
        ("https://example.org/v1", "without '/v1'"),
        ("https://example.org?a=b", "without '/v1'"),
        ("https://example.org#part", "without '/v1'"),
        ("https://user@example.org", "without user name"),
        ("https://:password@example.org", "without user name"),
        ("http://example.org", "https, because tokens"),
        ("http://127.0.0.1.example.org", "https, because tokens"),
        ("https://example.org:99999", "whose port is a number"),
        ("https://[::1", "whose host is a name or an address"),
    ],
)
def test_an_invalid_address_is_an_error_with_the_reason(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        validate_base_url(url)
    assert expected in str(caught.value)
