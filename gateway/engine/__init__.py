"""Runs GraphQL documents on a Strawberry schema through compiled plans. README.md says how."""

from gateway.engine.engine import Engine
from gateway.engine.prepare import InvalidDocument, Operation, Prepared
from gateway.engine.shapes import dictionary, plain, record
from gateway.engine.subscribe import NoEvents

__all__ = [
    "Engine",
    "InvalidDocument",
    "NoEvents",
    "Operation",
    "Prepared",
    "dictionary",
    "plain",
    "record",
]
