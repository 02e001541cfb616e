"""States of an operation, by how they concern its caller."""

from typing import Final

DONE_STATES: Final = frozenset({"DONE", "DONE_WITH_LICENSE_ERRORS"})
OPEN_STATES: Final = frozenset({"QUEUED", "RUNNING", "WAITING"})
NOT_DONE_STATES: Final = ("REFUSED", "FAILED", "IN_DOUBT", "CANCELLED")
