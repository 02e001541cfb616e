"""Executes GraphQL documents on a Strawberry schema through compiled plans; see README.md."""

from gateway.engine.compile.result_types import dictionary, record, to_plain
from gateway.engine.engine import Engine
from gateway.engine.prepare import InvalidDocument, PreparedDocument, PreparedOperation
from gateway.engine.run.subscribe import SubscriptionRejected

__all__ = [
    "Engine",
    "InvalidDocument",
    "PreparedDocument",
    "PreparedOperation",
    "SubscriptionRejected",
    "dictionary",
    "record",
    "to_plain",
]
