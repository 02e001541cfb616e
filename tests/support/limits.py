"""Limits that were not made from settings."""

from gateway.engine import Engine
from gateway.limits.body import BodyLimits
from gateway.limits.reloadable import Limits, ReloadableLimits
from gateway.limits.requests import RequestLimits
from gateway.settings import LimitNumbers


def build_limits(
    engine: Engine, requests: RequestLimits, numbers: LimitNumbers | None = None
) -> ReloadableLimits:
    """Put in force what never changes."""

    def make(numbers: LimitNumbers) -> Limits:
        return Limits(
            numbers, engine, requests, BodyLimits.from_settings(numbers, reveal_values=True)
        )

    return ReloadableLimits(make, numbers or LimitNumbers())
