import pytest

from gateway.upstream import endpoints
from gateway.upstream.endpoints import ENDPOINTS, Endpoint, UpstreamBucket


def test_the_29_endpoints_of_the_contract_have_different_names() -> None:
    assert len(ENDPOINTS) == 29
    assert len({endpoint.name for endpoint in ENDPOINTS}) == 29
    assert len({(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}) == 29


def test_only_the_four_writes_are_not_safe() -> None:
    writes = {endpoint.name for endpoint in ENDPOINTS if not endpoint.is_safe}
    assert writes == {
        "perform_upgrade",
        "create_product_upgrade",
        "create_transition",
        "update_subscription",
    }


def test_endpoints_that_reject_app_only_tokens_need_a_user() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS if endpoint.needs_user} == {
        "get_provisioning_status",
        "product_upgrade_eligibility",
        "create_product_upgrade",
        "product_upgrade_status",
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_counted_per_customer_has_the_customer_in_its_path(endpoint: Endpoint) -> None:
    assert endpoint.is_per_customer == endpoint.path.startswith("/v1/customers/{}")


def test_both_methods_of_a_rate_limited_path_share_its_bucket() -> None:
    assert endpoints.LIST_UPGRADES.bucket is endpoints.PERFORM_UPGRADE.bucket
    assert endpoints.LIST_UPGRADES.bucket is UpstreamBucket.UPGRADES
    assert endpoints.LIST_TRANSITIONS.bucket is endpoints.CREATE_TRANSITION.bucket
