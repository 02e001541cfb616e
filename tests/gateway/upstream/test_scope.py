import pytest

from gateway.upstream.errors import CallBudgetExceeded
from gateway.upstream.scope import CallBudget
from tests.gateway.upstream.scripted_client import build_scope


def test_a_call_beyond_the_budget_is_rejected_and_not_counted() -> None:
    budget = CallBudget(2, reveal_limit=True)
    budget.spend()
    budget.spend()
    with pytest.raises(
        CallBudgetExceeded, match="more upstream calls than one request may"
    ) as caught:
        budget.spend()
    assert (budget.spent, caught.value.maximum) == (2, 2)


def test_two_requests_of_one_principal_are_not_the_same_request() -> None:
    assert build_scope() != build_scope()
