"""Whether operations could be recorded, without which nothing is bought."""

from gateway.doctor.findings import Finding, Outcome, Step
from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from gateway.settings import Settings


async def check_store(settings: Settings) -> Finding:
    """Open the database, and leave it as it was; what is wrong names its cure itself."""
    timeouts = StoreTimeouts.from_setting(settings.operations.store_timeout_s)
    try:
        store = build_store(settings.database_url, timeouts)
    except ValueError as wrong:
        return Finding(Step.STORE, Outcome.FAILED, "database_url is no address", str(wrong))
    try:
        await store.dry_run()
    except StoreUnavailable as trouble:
        # On one line, whatever the database says.
        return Finding(Step.STORE, Outcome.FAILED, " ".join(str(trouble).split()))
    finally:
        await store.close()
    return Finding(Step.STORE, Outcome.PASSED, "operations can be recorded")
