from collections.abc import Mapping

import pytest

from gateway.settings import Settings, SettingsError, load_settings
from gateway.settings.kubernetes import find_service_variables


def variables(service: str, address: str, port: int, protocol: str = "tcp") -> dict[str, str]:
    """Variables that the kubelet sets for a Service, with IPv6 addresses in brackets in URLs."""
    url = f"{protocol}://{f'[{address}]' if ':' in address else address}:{port}"
    at = f"{service}_PORT_{port}_{protocol.upper()}"
    return {
        f"{service}_SERVICE_HOST": address,
        f"{service}_SERVICE_PORT": str(port),
        f"{service}_SERVICE_PORT_HTTP": str(port),
        f"{service}_SERVICE_PORT_GRAPHQL_2": str(port),
        f"{service}_PORT": url,
        at: url,
        f"{at}_PROTO": protocol,
        f"{at}_PORT": str(port),
        f"{at}_ADDR": address,
    }


SERVICES = {
    "the gateway": variables("UPGRADE_GATEWAY", "10.0.0.1", 8000),
    "by version 6": variables("UPGRADE_GATEWAY", "fd00:10:96::1", 8000),
    "a database": variables("UPGRADE_GATEWAY_DB", "10.96.0.12", 5432),
    "a name of several words": variables("UPGRADE_GATEWAY_DB_2_READ_ONLY", "10.96.0.12", 5432),
    "two dashes": variables("UPGRADE_GATEWAY__DB", "10.96.0.12", 5432),
    "named like a section": variables("UPGRADE_GATEWAY_PARTNER", "10.96.0.13", 443),
    "UDP": variables("UPGRADE_GATEWAY_DNS", "10.96.0.10", 53, "udp"),
    "SCTP": variables("UPGRADE_GATEWAY_SIGNALS", "10.96.0.11", 2905, "sctp"),
}


@pytest.mark.parametrize("environ", SERVICES.values(), ids=SERVICES)
def test_the_variables_of_a_service_are_no_settings(environ: Mapping[str, str]) -> None:
    assert load_settings(environ) == Settings()
    assert find_service_variables(
        {**environ, "PATH": "/bin", "UPGRADE_GATEWAY_HOST": "::1"}
    ) == sorted(environ)


def test_settings_beside_them_are_read() -> None:
    environ = {**SERVICES["the gateway"], "UPGRADE_GATEWAY_HOST": "::1"}
    assert load_settings(environ).host == "::1"
    assert load_settings({**environ, "UPGRADE_GATEWAY_PORT": "8080"}).port == 8080


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UPGRADE_GATEWAY_PORT", "80a"),
        ("UPGRADE_GATEWAY_PORT", ""),
        ("UPGRADE_GATEWAY_PORT", "http://10.0.0.1:8000"),
        ("UPGRADE_GATEWAY_PORT", "tcp://10.0.0.1"),
        ("UPGRADE_GATEWAY_PORT", "tcp://10.0.0.1:99999"),
        ("UPGRADE_GATEWAY_PORT", "tcp://10.0.0.1:0"),
        ("UPGRADE_GATEWAY_PORT", "tcp://gateway:8000"),
        ("UPGRADE_GATEWAY_PORT", "tcp://10.0.0.1:8000/"),
        ("upgrade_gateway_port", "tcp://10.0.0.1:8000"),
        ("UPGRADE_GATEWAY_SANDBOX__PORT", "tcp://10.0.0.1:8000"),
        ("UPGRADE_GATEWAY_HOST", ""),
        ("UPGRADE_GATEWAY_SERVICE_HOST", "gateway"),
        ("UPGRADE_GATEWAY_SERVICE_PORT", "http"),
        ("UPGRADE_GATEWAY_SERVICE_PORT", "\u0661"),
        ("UPGRADE_GATEWAY_DB_PORT", "5432"),
        ("UPGRADE_GATEWAY_PORT_8000_TCP", "8000"),
        ("UPGRADE_GATEWAY_PORT_8000_TCP_ADDR", "10.0.0"),
        ("UPGRADE_GATEWAY_PORT_8000_TCP_PROTO", "http"),
        ("UPGRADE_GATEWAY_PORT_HTTP_TCP", "tcp://10.0.0.1:8000"),
        ("UPGRADE_GATEWAY_SERVICE_HOSTS", "10.0.0.1"),
        ("UPGRADE_GATEWAY_ADDR", "10.0.0.1"),
    ],
)
def test_similar_variables_are_rejected(name: str, value: str) -> None:
    assert find_service_variables({name: value}) == []
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})
