from pathlib import Path

import pytest

from gateway.sandbox.app import create_sandbox
from gateway.sandbox.capacity import check_capacity, memory_bytes, needed_bytes
from gateway.sandbox.options import SandboxOptions, WorldTooLarge


def test_ten_thousand_customers_need_less_than_500_mib() -> None:
    assert needed_bytes(10_000, 20) < 500 * 2**20


def test_a_world_that_does_not_fit_is_refused_with_what_fits() -> None:
    options = SandboxOptions(customers=1_000_000)
    with pytest.raises(WorldTooLarge) as refused:
        check_capacity(options, 2**30)
    text = str(refused.value)
    assert "1,000,000 customers with 20 subscriptions each can need 13.0 GiB" in text
    assert "0.5 GiB are there for it; 38,347 such customers fit" in text


def test_what_is_said_to_fit_fits() -> None:
    check_capacity(SandboxOptions(customers=38_347), 2**30)


def test_a_sandbox_larger_than_the_machine_is_not_made() -> None:
    with pytest.raises(WorldTooLarge):
        create_sandbox(SandboxOptions(customers=2**32 - 8, subscriptions_per_customer=10_000))


@pytest.mark.parametrize(("text", "expected"), [("1048576\n", 1_048_576), ("max\n", None)])
def test_a_container_limit_counts_where_there_is_one(
    tmp_path: Path, text: str, expected: int | None
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(text)
    physical = memory_bytes(tmp_path / "missing")
    assert memory_bytes(limit) == (expected or physical)
