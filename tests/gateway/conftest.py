import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Restore the logging configuration after the test."""
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn")
    before = root.handlers, root.level, uvicorn.level
    events = structlog.get_config()
    yield
    root.handlers, root.level, uvicorn.level = before
    logging.captureWarnings(capture=False)
    structlog.configure(**events)
