"""Whether operations could be recorded, without which nothing is bought."""

from gateway.doctor.findings import Finding, Outcome, Step
from gateway.operations.opening import store_at
from gateway.operations.patience import Patience
from gateway.operations.store import StoreUnavailable
from gateway.settings import Settings


def examine_store(settings: Settings) -> Finding:
    """Open the database, and leave it as it was; what is wrong names its cure itself."""
    try:
        store = store_at(settings.database_url, Patience.of(settings.operations.refuse_after_s))
    except ValueError as wrong:
        return Finding(Step.STORE, Outcome.FAILED, "database_url is no address", str(wrong))
    try:
        store.rehearse()
    except StoreUnavailable as trouble:
        # On one line, whatever the database says.
        return Finding(Step.STORE, Outcome.FAILED, " ".join(str(trouble).split()))
    finally:
        store.close()
    return Finding(Step.STORE, Outcome.PASSED, "operations can be recorded")
