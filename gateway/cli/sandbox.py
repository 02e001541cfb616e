"""`upgrade-gateway sandbox`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.failures import exit_on
from gateway.cli.options import Config, Port, load_settings_or_exit
from gateway.server.signals import exit_on_signals

if TYPE_CHECKING:
    from gateway.sandbox.app import Sandbox


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = None,
    customers: Annotated[int | None, typer.Option(help="Customers in its world.")] = None,
    subscriptions: Annotated[
        int | None, typer.Option(help="Subscriptions of a generated customer.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same world.")] = None,
    config: Config = None,
) -> None:
    """Serve an imitation of Partner Center alone, until SIGTERM or Ctrl+C."""
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

    typer.echo(describe(started, url) + "\n\nCtrl+C stops it.")
