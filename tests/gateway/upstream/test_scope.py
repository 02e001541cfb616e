import pytest

from gateway.upstream.errors import CallBudgetExceeded
from gateway.upstream.scope import CallBudget, SecretToken, hash_caller_identity
from tests.gateway.upstream.scripted_client import build_scope


def test_a_token_masks_itself_wherever_it_is_printed() -> None:
    token = SecretToken("secret-value")
    scope = build_scope(token=token)
    assert "secret-value" not in f"{token} {token!r} {scope} {scope!r}"
    assert token.reveal() == "secret-value"


def test_the_call_that_would_pass_the_cap_is_refused_and_not_counted() -> None:
    budget = CallBudget(2, reveal_limit=True)
    budget.spend()
    budget.spend()
    with pytest.raises(CallBudgetExceeded, match="more upstream calls than one may") as caught:
        budget.spend()
    assert (budget.spent, caught.value.maximum) == (2, 2)


def test_two_requests_of_one_principal_are_not_the_same_request() -> None:
    assert build_scope() != build_scope()


def test_a_caller_is_named_by_a_digest_that_another_process_cannot_match() -> None:
    token = SecretToken("secret-value")
    name = hash_caller_identity(token, b"key")
    assert name == hash_caller_identity(SecretToken("secret-value"), b"key")
    assert name != hash_caller_identity(SecretToken("other"), b"key")
    assert name != hash_caller_identity(token, b"another key")
    assert "secret-value" not in name
