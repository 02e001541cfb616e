"""Why nothing new is recorded."""


class KeyReused(Exception):
    """The idempotency key stands for another payload of the same principal."""


class OrderForbidden(Exception):
    """The operator of this gateway does not allow an order now; the text says what and why."""


class OperationsUnavailable(Exception):
    """Operations cannot be recorded, or read, at the moment; the text says which.

    It is for callers: it names neither an address nor a path.

    Attributes:
        may_be_recorded: the store did not confirm a record in time, and may have it all the same.
    """

    def __init__(self, message: str, *, may_be_recorded: bool = False) -> None:
        super().__init__(message)
        self.may_be_recorded = may_be_recorded
