"""The command `upgrade-gateway`. Each module has one command, without logic.

Commands import what they need when they run, so that `--version` and `--help` are fast.
"""

import sys
import traceback
from collections.abc import Sequence

import typer

import gateway
from gateway.cli import (
    batch,
    cancel,
    doctor,
    keys,
    operations,
    persisted,
    preview,
    product_upgrade,
    sandbox,
    schedule,
    schema,
    serve,
    settings,
    settle,
    transition,
    upgrade,
    upgrade_all,
    watch,
)
from gateway.cli.output import exit_on_write_error
from gateway.cli.plain_help import Commands

app = Commands(
    name="upgrade-gateway",
    help="One GraphQL graph over Microsoft Partner Center's upgrade API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.add_typer(schema.app, name="schema")
app.add_typer(keys.app, name="keys")
app.add_typer(persisted.app, name="persisted")
app.command("preview")(preview.preview)
app.command("upgrade")(upgrade.upgrade)
app.command("transition")(transition.transition)
app.command("product-upgrade")(product_upgrade.product_upgrade)
app.command("schedule")(schedule.schedule)
app.command("cancel-schedule")(schedule.cancel_schedule)
app.command("upgrade-all")(upgrade_all.upgrade_all)
app.command("watch")(watch.watch)
app.command("settle")(settle.settle)
app.command("cancel")(cancel.cancel)
app.add_typer(operations.app, name="operations")
app.add_typer(batch.app, name="batch")
app.command("doctor")(doctor.doctor)
app.command("settings")(settings.settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line. Always raises SystemExit."""
    try:
        with exit_on_write_error():
            app(arguments, prog_name="upgrade-gateway")
    except Exception as fault:  # noqa: BLE001 - printed as Python would, with masked secrets
        from gateway.settings.masking import mask_secrets

        typer.echo(mask_secrets("".join(traceback.format_exception(fault))), err=True)
        sys.exit(1)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"upgrade-gateway {gateway.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True
    ),
) -> None:
    pass
