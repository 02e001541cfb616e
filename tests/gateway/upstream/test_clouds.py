from urllib.parse import urlsplit

import pytest

from gateway.upstream.clouds import CLOUDS, CloudAddresses


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
def test_tokens_are_requested_over_https_for_the_api(cloud: CloudAddresses) -> None:
    assert cloud.resource == cloud.base_url
    assert {urlsplit(url).scheme for url in (cloud.base_url, cloud.authority)} == {"https"}


def test_clouds_do_not_share_an_authority() -> None:
    assert len({cloud.authority for cloud in CLOUDS.values()}) == 3
