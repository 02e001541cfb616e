"""`upgrade-gateway serve`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Config, Port, load_settings_or_exit
from gateway.cli.output import exit_on
from gateway.server.gc_tuning import gc_disabled_imports
from gateway.server.signals import exit_on_signals

if TYPE_CHECKING:
    from gateway.server.gateway import ServedGateway


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = None,
    port: Port = None,
    sandbox: Annotated[
        bool,
        typer.Option("--sandbox", help="Start an embedded sandbox, and use it as Partner Center."),
    ] = False,
    sandbox_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            help="Port of the embedded sandbox. Default with --port: a free one.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Number of processes.")] = 1,
    config: Config = None,
) -> None:
    """Serve the GraphQL API until SIGTERM or Ctrl+C."""
    exit_on_signals()
    with gc_disabled_imports():
        from gateway.sandbox.options import WorldTooLarge
        from gateway.server.gateway import serve_gateway
        from gateway.server.listener import ListenError
        from gateway.settings import SettingsError

    given = {"host": host, "port": port, "sandbox": {"port": sandbox_port}}
    settings = load_settings_or_exit(config, given)
    with exit_on(SettingsError, ListenError, WorldTooLarge):
        serve_gateway(settings, _announce, with_sandbox=sandbox, workers=workers)


def _announce(started: "ServedGateway") -> None:
    """Print the URLs, as the only output on stdout."""
    from gateway.edge.site.landing import example_command
    from gateway.sandbox.app import describe

    lines = [
        f"Upgrade Gateway at {started.url}",
        f"  GraphiQL {started.url}/graphql",
        f"  start    {started.url}/",
        "",
        "Try a query:",
        example_command(started.url),
    ]
    if started.sandbox is not None:
        lines += ["", describe(started.sandbox, started.upstream_url)]
    typer.echo("\n".join([*lines, "", "Press Ctrl+C to stop."]))
