import re

from typer.testing import CliRunner

from gateway.auth.api_keys import parse_keys
from gateway.cli import app
from schema.scopes import Scope

ONE, OTHER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "3c95518e-8c37-41e3-9627-0ca339200f53"


def made(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["keys", "new", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_new_key_is_one_of_the_file_that_is_printed_with_it() -> None:
    customers = ("--customer", ONE.upper(), "--customer", OTHER)
    printed = made("nightly", "--scope", "upgrades:write", *customers)
    (key,) = re.findall(r"ugk_\w[\w-]*", printed)

    caller = parse_keys(printed.partition("Add this to auth.keys_file:")[2]).authenticate(key)

    assert caller.principal == "key:nightly"
    assert caller.scopes == {Scope.READ, Scope.WRITE}
    assert caller.customers == frozenset({ONE, OTHER})


def test_no_key_is_made_twice() -> None:
    arguments = ("nightly", "--scope", "upgrades:read", "--customer", "*")
    assert made(*arguments) != made(*arguments)


def test_a_name_that_does_not_fit_is_explained() -> None:
    arguments = ["Nightly", "--scope", "upgrades:read", "--customer", "*"]
    result = CliRunner().invoke(app, ["keys", "new", *arguments])

    assert result.exit_code == 1
    assert "is not a key name" in result.output


def test_a_customer_that_is_no_tenant_is_explained() -> None:
    arguments = ["nightly", "--scope", "upgrades:read", "--customer", "contoso"]
    result = CliRunner().invoke(app, ["keys", "new", *arguments])

    assert result.exit_code == 1
    assert "no customer has the id 'contoso'" in result.output
