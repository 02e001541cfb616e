"""`upgrade-gateway keys new`."""

from typing import Annotated

import typer

from gateway.cli.failures import exit_on
from schema.scopes import Scope

app = typer.Typer(help="API keys of services that call the gateway.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """Keep `new` a verb of its own, though it is the only one."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What the service is called: a-z, 0-9 and '-'.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    customer: Annotated[
        list[str], typer.Option(help="Id of a customer it may see, or * for all; repeatable.")
    ],
) -> None:
    """Make a key: the key goes to the service and is shown once, its hash to auth.keys_file."""
    import secrets

    from gateway.auth.api_keys import format_key, format_key_entry
    from gateway.auth.customers_file import validate_customer_list

    with exit_on(ValueError):
        text = format_key(name, secrets.token_bytes(32))
        entry = format_key_entry(
            name, text, [each.value for each in scope], validate_customer_list(name, customer)
        )
    typer.echo(f"The key, which is shown this once:\n\n  {text}\n\nFor auth.keys_file:\n")
    typer.echo(entry)
