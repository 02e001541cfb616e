"""Logging: one structlog chain for the gateway, uvicorn and warnings.

Terminals get colours, everything else JSON lines. In every event, secrets are masked, control
characters escaped and long texts cut off, so that no value can forge a line, move a cursor or fill
a disk.
"""

import logging
import re
import sys
from collections.abc import Collection, Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.settings.masking import MASK, mask_secrets
from schema.quoting import shorten, shorten_middle

_MAX_TEXT_CHARS: Final = 1000
_MAX_TRACE_CHARS: Final = 20_000
_SECRET_NAMES: Final = re.compile(r"(?i)authorization|cookie|password|secret|token$|assertion")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_TRACE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def configure(level: str, stream: TextIO | None = None, *, secrets: Collection[str] = ()) -> None:
    """Send every log message of this process to `stream`, stderr by default.

    Args:
        level: the least severe level to write, in lower case.
        stream: the output: colours for a terminal, JSON lines otherwise.
        secrets: values to mask everywhere, including stack traces of libraries.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                LogSanitizer(secrets),
                _renderer(is_terminal=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # At `info`, uvicorn repeats what the command line prints.
    quiet = logging.NOTSET if level == "debug" else logging.WARNING
    logging.getLogger("uvicorn").setLevel(quiet)
    logging.captureWarnings(capture=True)


class LogSanitizer:
    """A structlog processor that masks and escapes every value of an event.

    Args:
        secrets: values to mask, besides those that look like a secret.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = secrets

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {
            self._text(name): self._trace(value)
            if name == "exception"
            else self._value(name, value)
            for name, value in event.items()
        }

    def _value(self, name: str, value: Any) -> Any:
        if _SECRET_NAMES.search(name):
            return MASK
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {
                self._text(str(key)): self._value(str(key), each) for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._value("", each) for each in value]
        return self._text(value if isinstance(value, str) else repr(value))

    def _text(self, text: str) -> str:
        line = _CONTROL.sub(_escape, mask_secrets(text, self._secrets))
        return shorten(line, _MAX_TEXT_CHARS)

    def _trace(self, value: Any) -> str:
        trace = _CONTROL_IN_TRACE.sub(_escape, mask_secrets(str(value), self._secrets))
        return shorten_middle(trace, _MAX_TRACE_CHARS)


def _renderer(*, is_terminal: bool) -> Processor:
    if not is_terminal:
        return structlog.processors.JSONRenderer()
    # The default formatter prints local variables, which may hold tokens.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _escape(character: re.Match[str]) -> str:
    return character.group().encode("unicode_escape").decode("ascii")


sanitize: Final = LogSanitizer()
