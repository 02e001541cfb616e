"""`upgrade-gateway doctor`."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Config
from gateway.cli.output import exit_on, print_warning

if TYPE_CHECKING:
    from gateway.doctor.findings import Finding, Report

_COLOURS = {"ok": "green", "warning": "yellow", "FAILED": "red"}


def doctor(
    customer: Annotated[
        str | None,
        typer.Option(metavar="CUSTOMER", help="Customer to read. Default: the first one."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File with a caller's token, for partner.auth 'passthrough'."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: Config = None,
) -> None:
    """Check the configuration step by step, and show how to fix problems.

    Exit code 1: a check failed.
    """
    from gateway.credentials import SecretToken
    from gateway.doctor.findings import report_invalid_settings
    from gateway.doctor.run import run_checks
    from gateway.observability import logs
    from gateway.settings import SettingsError, load_settings
    from gateway.settings.reloading import read_text
    from gateway.settings.validators import validate_token

    with exit_on(OSError, ValueError):
        text = read_text(token_file) if token_file else ""
        token = validate_token(text, "--token-file")
    try:
        settings = load_settings(os.environ, config, warn=print_warning)
        # Warnings would only repeat the report.
        logs.configure("error", secrets=settings.secrets)
        caller = SecretToken(token) if token else None
        report = asyncio.run(run_checks(settings, caller, customer))
    except SettingsError as error:
        report = report_invalid_settings(str(error))
    typer.echo(json.dumps(report.as_json(), indent=2) if as_json else _render(report))
    raise typer.Exit(0 if report.is_healthy else 1)


def _render(report: "Report") -> str:
    return "\n".join(line for finding in report.findings for line in _render_finding(finding))


def _render_finding(finding: "Finding") -> list[str]:
    outcome = typer.style(f"{finding.outcome:<10}", fg=_COLOURS.get(finding.outcome))
    lines = [f"{outcome}{finding.step:<18}{finding.detail}"]
    return [*lines, f"{'':28}→ {finding.remedy}"] if finding.remedy else lines
