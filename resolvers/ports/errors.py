"""Errors of recording an order."""


class KeyReused(Exception):
    """The principal has used the idempotency key for another order."""


class OrderForbidden(Exception):
    """The operator of this gateway does not allow the order now. The text names the rule."""


class OperationsUnavailable(Exception):
    """The store of operations cannot be read or written at the moment. The text says which.

    Callers see the text, so it contains no address or path.

    Attributes:
        may_be_recorded: the store did not confirm a record in time, and may still have it.
    """

    def __init__(self, message: str, *, may_be_recorded: bool = False) -> None:
        super().__init__(message)
        self.may_be_recorded = may_be_recorded
