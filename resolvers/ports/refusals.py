"""Why nothing new is recorded."""


class KeyReused(Exception):
    """The idempotency key stands for another payload of the same principal."""


class OrderForbidden(Exception):
    """The operator of this gateway does not allow an order now; the text says what and why."""


class OperationsUnavailable(Exception):
    """Operations cannot be recorded now, so nothing is sent, or not be read; the text says which.

    It is for callers: it names neither an address nor a path.
    """
