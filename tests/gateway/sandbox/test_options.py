import pytest

from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions
from gateway.sandbox.sample_customers import SAMPLE_CUSTOMERS
from gateway.server.sandbox import sandbox_options
from gateway.settings import SandboxSettings


def test_the_default_options_equal_those_of_the_default_settings() -> None:
    assert SandboxOptions() == sandbox_options(SandboxSettings())


def test_the_smallest_world_has_the_sample_customers() -> None:
    assert len(SAMPLE_CUSTOMERS) == MIN_CUSTOMERS


@pytest.mark.parametrize("customers", [MIN_CUSTOMERS - 1, 0, -1, 2**32])
def test_invalid_numbers_of_customers_are_rejected(customers: int) -> None:
    with pytest.raises(ValueError, match=f"customers is {customers}; expected {MIN_CUSTOMERS}"):
        SandboxOptions(customers=customers)


def test_negative_numbers_of_subscriptions_are_rejected() -> None:
    with pytest.raises(ValueError, match="subscriptions_per_customer is -1; expected 0 or more"):
        SandboxOptions(subscriptions_per_customer=-1)


def test_unknown_statuses_after_an_upgrade_are_rejected() -> None:
    with pytest.raises(ValueError, match="'frozen'; expected suspended, deleted or active"):
        SandboxOptions(source_after_upgrade="frozen")
