"""The settings that docs/guides/access.md shows for common providers."""

import re
import shlex
from pathlib import Path

import pytest

from gateway.settings import load_settings

TEXT = Path("docs/guides/access.md").read_text("utf-8").partition("### Common providers")[2]
PROVIDERS: dict[str, str] = dict(
    re.findall(r"\*\*([^*]+)\.\*\*.*?```sh\n(.*?)```", TEXT, re.DOTALL)
)
PLACES = {"<tenant>": "8f3a6c1e-2f57-4d7e-9d3b-0a1f3f0e6c11"}


def test_all_of_them_are_shown() -> None:
    assert list(PROVIDERS) == ["Microsoft Entra ID", "Keycloak", "Auth0", "Okta", "Amazon Cognito"]


@pytest.mark.parametrize("name", PROVIDERS)
def test_their_settings_are_accepted(name: str) -> None:
    text = re.sub(r"<[^>]+>", lambda found: PLACES.get(found[0], "place"), PROVIDERS[name])
    lines = [shlex.split(line)[1] for line in text.splitlines()]
    environ = dict(line.split("=", 1) for line in lines)
    settings = load_settings({"UPGRADE_GATEWAY_AUTH__MODE": "jwt", **environ})
    assert settings.auth.issuers
    assert settings.auth.audience
