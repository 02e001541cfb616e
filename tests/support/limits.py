"""Limits from given objects instead of settings."""

from gateway.engine import Engine
from gateway.limits.body import BodyLimits
from gateway.limits.reloadable import Limits, ReloadableLimits
from gateway.limits.requests import RequestLimits
from gateway.settings import LimitNumbers


def build_limits(
    engine: Engine, requests: RequestLimits, numbers: LimitNumbers | None = None
) -> ReloadableLimits:

    def make(numbers: LimitNumbers) -> Limits:
        return Limits(
            numbers, engine, requests, BodyLimits.from_settings(numbers, reveal_values=True)
        )

    return ReloadableLimits(make, numbers or LimitNumbers())
