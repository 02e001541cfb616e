import pytest

from gateway.upstream.transport.proxies import ProxyConfig, load_proxy_config

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
    proxies = load_proxy_config("", environ)
    assert (proxies.find_proxy(HTTPS), proxies.find_proxy(LOOPBACK)) == (https, http)
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
    proxies = load_proxy_config("", {"ALL_PROXY": "http://p:1", "NO_PROXY": exempt})
    assert proxies.find_proxy(url) == (None if is_exempt else "http://p:1")


def test_a_setting_overrides_the_environment() -> None:
    environ = {"HTTPS_PROXY": "socks5://p:1", "NO_PROXY": "*"}
    assert load_proxy_config("http://own:3128", environ).find_proxy(HTTPS) == "http://own:3128"
    assert load_proxy_config("none", environ) == ProxyConfig()


@pytest.mark.parametrize("value", ["socks5://user:secret@p:1", "http://", "http://secret:x", "://"])
def test_the_error_for_an_unusable_proxy_names_only_its_variable(value: str) -> None:
    with pytest.raises(ValueError, match=r"ALL_PROXY is not the URL.*partner\.proxy") as raised:
        load_proxy_config("", {"all_proxy": value})
    assert "secret" not in str(raised.value)
    # An invalid variable that is not used is ignored.
    unused = {"all_proxy": value, "HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1"}
    assert load_proxy_config("", unused)


def test_passwords_are_not_printed() -> None:
    assert "secret" not in repr(load_proxy_config("http://user:secret@p:1", {}))
