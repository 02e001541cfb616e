"""`upgrade-gateway keys new`."""

from typing import Annotated

import typer

from gateway.cli.output import exit_on
from gateway.cli.plain_help import Commands
from schema.scopes import Scope

app = Commands(help="API keys for services that call the gateway.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """Keep `new` a subcommand, although it is the only one."""


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the service: a-z, 0-9 and '-'.")
    ],
    scope: Annotated[
        list[Scope],
        typer.Option(metavar="SCOPE", help="Scope of the key, such as upgrades:write; repeatable."),
    ],
    customer: Annotated[
        list[str],
        typer.Option(
            metavar="CUSTOMER", help="Id of a customer the key may see, or * for all; repeatable."
        ),
    ],
) -> None:
    """Create an API key. Give the key to the service, and add its hash to auth.keys_file."""
    import secrets

    from gateway.auth.api_keys import format_key, format_key_entry
    from gateway.auth.customers_file import validate_customer_list

    with exit_on(ValueError):
        text = format_key(name, secrets.token_bytes(32))
        entry = format_key_entry(
            name, text, [each.value for each in scope], validate_customer_list(name, customer)
        )
    typer.echo(f"The key, which is shown only once:\n\n  {text}\n\nAdd this to auth.keys_file:\n")
    typer.echo(entry)
