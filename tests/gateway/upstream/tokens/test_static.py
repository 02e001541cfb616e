from pathlib import Path

import pytest

from gateway.credentials import SecretToken
from gateway.upstream.errors import NoToken, Unauthorized
from gateway.upstream.tokens.static import PassThroughTokens, StaticTokenFile, StaticTokens
from tests.gateway.upstream.scripted_client import build_scope


async def test_a_static_token_is_the_same_for_all() -> None:
    tokens = StaticTokens(SecretToken("fixed"))
    assert await tokens.get(build_scope()) == "fixed"
    assert tokens.identity(SecretToken("a")) == tokens.identity(None)


async def test_a_rejected_static_token_must_be_replaced() -> None:
    with pytest.raises(Unauthorized, match=r"partner\.token"):
        await StaticTokens(SecretToken("fixed")).get(build_scope(), rejected="fixed")


def test_a_static_token_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match=r"partner\.token is empty"):
        StaticTokens(SecretToken(""))


async def test_a_token_that_is_replaced_in_its_file_is_used_after_a_rejection(
    tmp_path: Path,
) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    tokens = StaticTokenFile(file)
    assert await tokens.get(build_scope()) == "first"
    with pytest.raises(NoToken, match=r"partner\.token_file .* Write a new one"):
        await tokens.get(build_scope(), rejected="first")
    file.write_text("second")
    assert await tokens.get(build_scope(), rejected="first") == "second"
    assert tokens.cached(build_scope()) == "second"


async def test_a_callers_own_token_is_forwarded() -> None:
    scope = build_scope(token=SecretToken("callers"))
    assert await PassThroughTokens(b"key").get(scope) == "callers"


async def test_the_error_for_a_caller_without_a_token_says_to_send_one() -> None:
    with pytest.raises(Unauthorized, match="Authorization: Bearer"):
        await PassThroughTokens(b"key").get(build_scope())


async def test_the_error_for_a_rejected_token_says_to_renew_it() -> None:
    scope = build_scope(token=SecretToken("callers"))
    with pytest.raises(Unauthorized, match="Obtain a new one") as raised:
        await PassThroughTokens(b"key").get(scope, rejected="callers")
    assert "callers" not in str(raised.value)


def test_callers_with_different_tokens_have_different_identities() -> None:
    tokens = PassThroughTokens(b"key")
    names = {tokens.identity(SecretToken("a")), tokens.identity(SecretToken("b"))}
    assert len(names | {tokens.identity(None)}) == 3
