"""Ends a command whose order was sent, but whose result is unknown: it may have been bought."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from gateway.cli.gateway_options import Exit
from gateway.cli.output import discard_output, unwritable


@dataclass(slots=True)
class SentOrder:
    """An order on its way.

    Attributes:
        key: its idempotency key; None where it was ordered by another command.
        id: of the operation or the batch, once the gateway has said that it is recorded.
        state: as the gateway told it last.
    """

    key: str | None = None
    id: str | None = None
    state: str | None = None

    def said(self) -> str:
        """Say what is known, and what to do."""
        key = "" if self.key is None else f" with the key {self.key!r}"
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
    def exit_code(self) -> Exit:
        """How a command ends that cannot tell the result."""
        return Exit.IN_DOUBT if self.id is None else Exit.STILL_OPEN


@contextlib.contextmanager
def result_explained(order: SentOrder) -> Iterator[None]:
    """End with 4 or 5, and say where the order stands, when the block cannot tell its result.

    That is when the gateway stops answering, on Ctrl+C, or when the output cannot be written.
    """
    from gateway.client.gateway_client import ClientError, NoResponse

    try:
        yield
    except NoResponse as problem:
        _end(order, str(problem))
    except ClientError as problem:
        if order.id is None:
            raise
        _end(order, str(problem))
    except KeyboardInterrupt:
        _end(order, "interrupted")
    except OSError as error:
        discard_output()
        _end(order, unwritable(error))


def _end(order: SentOrder, reason: str) -> None:
    from gateway.settings.masking import mask_secrets

    for line in (*mask_secrets(reason).splitlines(), order.said()):
        typer.echo(f"upgrade-gateway: {line}", err=True)
    raise typer.Exit(order.exit_code) from None
