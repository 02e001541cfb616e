"""Stored findings of Partner Center's audit feed about operations in doubt."""

from gateway.operations.model.record import StoredStruct


class AuditMatch(StoredStruct, frozen=True, kw_only=True):
    """A record of the audit feed that may belong to an operation.

    Attributes:
        status: the name of an `AuditOperationStatus`.
        executed_at: the time of the change in ISO 8601; empty if it is unknown.
        is_strong: whether the record has the operation's correlation id.
    """

    record_id: str
    operation_type: str
    status: str
    executed_at: str
    is_strong: bool = False


class AuditFinding(StoredStruct, frozen=True, kw_only=True):
    """The result of the last review of an operation. Missing records prove nothing."""

    operation_id: str
    at: float
    matches: tuple[AuditMatch, ...]
