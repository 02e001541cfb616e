from gateway.credentials import SecretToken, hash_caller_identity
from tests.gateway.upstream.scripted_client import build_scope


def test_a_token_masks_itself_in_every_text_form() -> None:
    token = SecretToken("secret-value")
    scope = build_scope(token=token)
    assert "secret-value" not in f"{token} {token!r} {scope} {scope!r}"
    assert token.reveal() == "secret-value"


def test_a_caller_is_identified_by_a_digest_that_another_process_cannot_derive() -> None:
    token = SecretToken("secret-value")
    name = hash_caller_identity(token, b"key")
    assert name == hash_caller_identity(SecretToken("secret-value"), b"key")
    assert name != hash_caller_identity(SecretToken("other"), b"key")
    assert name != hash_caller_identity(token, b"another key")
    assert "secret-value" not in name
