"""Limits that were not made from settings."""

from gateway.engine import Engine
from gateway.limits.bodies import BodyLimits
from gateway.limits.in_force import Limits, LimitsInForce
from gateway.limits.requests import RequestLimits
from gateway.settings import LimitNumbers


def limits_of(
    engine: Engine, requests: RequestLimits, numbers: LimitNumbers | None = None
) -> LimitsInForce:
    """Put in force what never changes."""

    def make(numbers: LimitNumbers) -> Limits:
        return Limits(numbers, engine, requests, BodyLimits.of(numbers, are_told=True))

    return LimitsInForce(make, numbers or LimitNumbers())
