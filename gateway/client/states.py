"""States of an operation, by how they concern its caller."""

from typing import Final

DONE: Final = frozenset({"DONE", "DONE_WITH_LICENSE_ERRORS"})
OPEN: Final = frozenset({"ACCEPTED", "RUNNING", "WAITING"})
NOT_DONE: Final = ("REFUSED", "FAILED", "IN_DOUBT", "CANCELLED")
