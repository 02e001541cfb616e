"""A gateway that takes a silence of two seconds for a lost answer.

Run as a program; settings come from the environment.
"""

import os
from dataclasses import replace
from typing import Any

import typer

import gateway.upstream.upstream
from gateway.serving.gateway import serve
from gateway.settings import ThrottleSettings, load
from gateway.upstream.opening import pressure
from gateway.upstream.pressure import Pressure


def hasty(throttle: ThrottleSettings) -> Pressure:
    return replace(pressure(throttle), write_timeout_s=2.0)


if __name__ == "__main__":
    module: Any = gateway.upstream.upstream
    module.pressure = hasty
    serve(load(os.environ), lambda started: typer.echo(started.url))
