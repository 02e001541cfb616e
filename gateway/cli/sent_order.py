"""Exits a command whose order was sent but whose result is unknown."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from gateway.cli.gateway_options import ExitCode
from gateway.cli.output import describe_write_error, discard_output


@dataclass(slots=True)
class SentOrder:
    """An order that was sent to the gateway.

    Attributes:
        idempotency_key: None if another command sent the order.
        id: the id of the operation or batch, once the gateway has confirmed that it is recorded.
        state: the last state that the gateway reported.
    """

    idempotency_key: str | None = None
    id: str | None = None
    state: str | None = None

    def describe(self) -> str:
        """Describe what is known, and what to do."""
        key = "" if self.idempotency_key is None else f" with the key {self.idempotency_key!r}"
        if self.id is None:
            return (
                f"The order{key} was sent, but it is unknown whether it was recorded. Run the same"
                " command again. The same key never buys twice."
            )
        state = "" if self.state is None else f", {self.state} when last seen"
        return (
            f"The order{key} is recorded as {self.id}{state}. It continues without this command."
            f" Follow it with 'upgrade-gateway watch {self.id}'."
        )

    @property
    def exit_code(self) -> ExitCode:
        """The exit code if the result is unknown."""
        return ExitCode.IN_DOUBT if self.id is None else ExitCode.STILL_OPEN


@contextlib.contextmanager
def exit_with_order_status(order: SentOrder) -> Iterator[None]:
    """Print the order's status and exit with 4 or 5 if the block cannot determine the result.

    This happens if the gateway stops responding, on Ctrl+C, or if the output cannot be written.
    """
    from gateway.client.gateway_client import ClientError, NoResponse

    try:
        yield
    except NoResponse as problem:
        _exit(order, str(problem))
    except ClientError as problem:
        if order.id is None:
            raise
        _exit(order, str(problem))
    except KeyboardInterrupt:
        _exit(order, "interrupted")
    except OSError as error:
        discard_output()
        _exit(order, describe_write_error(error))


def _exit(order: SentOrder, reason: str) -> None:
    from gateway.settings.masking import mask_secrets

    for line in (*mask_secrets(reason).splitlines(), order.describe()):
        typer.echo(f"upgrade-gateway: {line}", err=True)
    raise typer.Exit(order.exit_code) from None
