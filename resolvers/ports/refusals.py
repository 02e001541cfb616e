"""Why nothing new is recorded."""


class KeyReused(Exception):
    """The idempotency key stands for another payload of the same principal."""


class OrderForbidden(Exception):
    """The operator of this gateway does not allow an order now; the text says what and why."""


class OperationsUnavailable(Exception):
    """An operation cannot be recorded now, so nothing is sent; the text says why."""
