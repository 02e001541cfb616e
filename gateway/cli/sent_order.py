"""Ends a command whose order was sent, but whose result is unknown: it may have been bought."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from gateway.cli.gateway_options import ExitCode
from gateway.cli.output import describe_write_error, discard_output


@dataclass(slots=True)
class SentOrder:
    """An order on its way.

    Attributes:
        key: its idempotency key; None where it was ordered by another command.
        id: of the operation or the batch, once the gateway has said that it is recorded.
        state: as the gateway told it last.
    """

    idempotency_key: str | None = None
    id: str | None = None
    state: str | None = None

    def describe(self) -> str:
        """Say what is known, and what to do."""
        key = "" if self.idempotency_key is None else f" with the key {self.idempotency_key!r}"
        if self.id is None:
            return (
                f"The order{key} was sent; whether it was recorded is not known. Run the same"
                " command again: the same key never buys twice."
            )
        state = "" if self.state is None else f", {self.state} when last seen"
        return (
            f"The order{key} is recorded as {self.id}{state}. It goes on without this command: see"
            f" 'upgrade-gateway watch {self.id}'."
        )

    @property
    def exit_code(self) -> ExitCode:
        """How a command ends that cannot tell the result."""
        return ExitCode.IN_DOUBT if self.id is None else ExitCode.STILL_OPEN


@contextlib.contextmanager
def exit_with_order_status(order: SentOrder) -> Iterator[None]:
    """End with 4 or 5, and say where the order stands, when the block cannot tell its result.

    That is when the gateway stops answering, on Ctrl+C, or when the output cannot be written.
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
