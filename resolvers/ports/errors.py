"""Errors of recording an order."""


class KeyReused(Exception):
    """The principal has already used the idempotency key for another order."""


class OrderForbidden(Exception):
    """The purchase policy of this gateway does not allow the order. The text names the rule."""


class OperationsUnavailable(Exception):
    """The store of operations cannot be read, or cannot be written, at the moment.

    The text is shown to callers, so it contains no address or path.

    Attributes:
        may_be_recorded: whether an operation may have been recorded although the store did not
            confirm it.
    """

    def __init__(self, message: str, *, may_be_recorded: bool = False) -> None:
        super().__init__(message)
        self.may_be_recorded = may_be_recorded
