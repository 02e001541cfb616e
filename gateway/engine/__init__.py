"""Runs GraphQL documents on a Strawberry schema through compiled plans. README.md says how."""

from gateway.engine.engine import Engine
from gateway.engine.prepare import InvalidDocument, Operation, Prepared
from gateway.engine.shapes import dictionary, plain, record

__all__ = [
    "Engine",
    "InvalidDocument",
    "Operation",
    "Prepared",
    "dictionary",
    "plain",
    "record",
]
