"""`upgrade-gateway sandbox`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Config, Port, load_settings_or_exit
from gateway.cli.output import exit_on
from gateway.server.signals import exit_on_signals

if TYPE_CHECKING:
    from gateway.sandbox.app import Sandbox


def sandbox(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Port = None,
    customers: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Number of customers.")
    ] = None,
    subscriptions: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Number of subscriptions of a generated customer."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help="Seed of the generated data; the same seed always produces the same data.",
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Serve the sandbox, which simulates Partner Center, until SIGTERM or Ctrl+C."""
    exit_on_signals()
    given = {"port": port, "customers": customers, "subscriptions": subscriptions, "seed": seed}
    settings = load_settings_or_exit(config, {"sandbox": given})

    from gateway.observability import logs
    from gateway.sandbox.options import WorldTooLarge
    from gateway.server.listener import ListenError
    from gateway.server.sandbox import sandbox_options, serve_sandbox
    from gateway.settings import SettingsError

    with exit_on(SettingsError, ListenError, WorldTooLarge):
        logs.configure(settings.log_level, secrets=settings.secrets)
        options = sandbox_options(settings.sandbox)
        serve_sandbox(host, settings.sandbox.port, options, _announce)


def _announce(started: "Sandbox", url: str) -> None:
    from gateway.sandbox.app import describe

    typer.echo(describe(started, url) + "\n\nPress Ctrl+C to stop.")
