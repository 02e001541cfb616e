import pytest
from pydantic import ValidationError

from gateway.settings import PartnerSettings


def test_the_line_feed_at_the_end_of_a_token_is_not_part_of_it() -> None:
    partner = PartnerSettings.model_validate({"auth": "static", "token": "abc\n"})
    assert partner.token.get_secret_value() == "abc"


@pytest.mark.parametrize("proxy", ["", "none", "http://proxy.example:3128", "https://u:p@proxy/"])
def test_a_proxy_is_one_or_none(proxy: str) -> None:
    assert PartnerSettings.model_validate({"proxy": proxy}).proxy.get_secret_value() == proxy


@pytest.mark.parametrize("proxy", ["proxy:3128", "socks5://proxy", "http://", "http://p:x", "off"])
def test_an_invalid_proxy_is_rejected(proxy: str) -> None:
    with pytest.raises(ValidationError, match="expected the URL of an HTTP proxy"):
        PartnerSettings.model_validate({"proxy": proxy})


def test_the_transport_that_was_removed_is_named_in_the_error() -> None:
    with pytest.raises(ValidationError, match="'pyreqwest' is not supported any more; use 'auto'"):
        PartnerSettings.model_validate({"transport": "pyreqwest"})
