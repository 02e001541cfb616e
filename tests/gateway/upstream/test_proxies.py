import pytest

from gateway.upstream.proxies import Proxies, find_proxies

HTTPS = "https://api.partnercenter.microsoft.com/v1/customers"
LOOPBACK = "http://127.0.0.1:8001/v1/customers"


@pytest.mark.parametrize(
    ("environ", "https", "http"),
    [
        ({}, None, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1", None),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://p:1", None),
        ({"https_proxy": "", "HTTPS_PROXY": "http://q:1"}, None, None),
        ({"HTTP_PROXY": "http://p:1"}, None, "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://p:1", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://q:1", "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "http://p:1", None),
        ({"HTTPS_PROXY": "http://user:pass@p:1/"}, "http://user:pass@p:1/", None),
    ],
)
def test_the_environment_names_the_proxies(
    environ: dict[str, str], https: str | None, http: str | None
) -> None:
    proxies = find_proxies("", environ)
    assert (proxies.find(HTTPS), proxies.find(LOOPBACK)) == (https, http)
    assert bool(proxies) == bool(https or http)


@pytest.mark.parametrize(
    ("exempt", "url", "is_exempt"),
    [
        ("*", HTTPS, True),
        ("api.partnercenter.microsoft.com", HTTPS, True),
        ("API.PartnerCenter.Microsoft.com:443", HTTPS, True),
        ("api.partnercenter.microsoft.com:8443", HTTPS, False),
        ("microsoft.com", HTTPS, True),
        (".microsoft.com", HTTPS, True),
        ("*.microsoft.com", HTTPS, True),
        ("soft.com", HTTPS, False),
        ("example.com, localhost 127.0.0.1", LOOPBACK, True),
        ("127.0.0.1:8001", LOOPBACK, True),
        ("127.0.0.1:8002", LOOPBACK, False),
        ("127.0.0.0/8", LOOPBACK, True),
        ("10.0.0.0/8", LOOPBACK, False),
        ("::1", "http://[::1]:8001/", True),
        ("[::1]", "http://[::1]:8001/", True),
        (",, ,", LOOPBACK, False),
    ],
)
def test_no_proxy_exempts_names_addresses_and_networks(
    exempt: str, url: str, *, is_exempt: bool
) -> None:
    proxies = find_proxies("", {"ALL_PROXY": "http://p:1", "NO_PROXY": exempt})
    assert proxies.find(url) == (None if is_exempt else "http://p:1")


def test_a_setting_overrides_the_environment() -> None:
    environ = {"HTTPS_PROXY": "socks5://p:1", "NO_PROXY": "*"}
    assert find_proxies("http://own:3128", environ).find(HTTPS) == "http://own:3128"
    assert find_proxies("none", environ) == Proxies()


@pytest.mark.parametrize("value", ["socks5://user:secret@p:1", "http://", "http://secret:x", "://"])
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable_alone(value: str) -> None:
    with pytest.raises(ValueError, match=r"ALL_PROXY names no proxy.*partner\.proxy") as raised:
        find_proxies("", {"all_proxy": value})
    assert "secret" not in str(raised.value)
    # Where it is not used it does no harm.
    unused = {"all_proxy": value, "HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1"}
    assert find_proxies("", unused)


def test_passwords_are_not_printed() -> None:
    assert "secret" not in repr(find_proxies("http://user:secret@p:1", {}))
