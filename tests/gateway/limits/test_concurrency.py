import pytest

from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.errors import LimitExceeded


def test_a_principal_cannot_hold_more_than_the_limit() -> None:
    limit = ConcurrencyLimit(Limit("connections", 2, reveal_value=True))
    with limit.acquire("a"), limit.acquire("a"), limit.acquire("b"):
        with pytest.raises(LimitExceeded) as caught, limit.acquire("a"):
            raise AssertionError("not reached")
        assert caught.value.rule == "connections"
        assert str(caught.value) == (
            "You have too many open connections. Close one, or retry later. The limit is 2."
        )
    with limit.acquire("a"), limit.acquire("a"):
        pass
