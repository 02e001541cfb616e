"""Pages of the audit records of a customer and day. Source: CONTRACT 4.22."""

import json
from typing import Final

from gateway.upstream.call import Call
from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import LIST_AUDIT_RECORDS
from gateway.upstream.models.audit_record import WireAuditRecord, to_audit_record
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.seek_pages import Page, find_continuation
from schema.audit_record import AuditRecord
from schema.keys import AuditDayKey

_PAGE_SIZE: Final = "500"
_RECORDS: Final = Decoder(WireCollection[WireAuditRecord])


def build_audit_records_call(key: AuditDayKey) -> Call:
    """Build the call for the first page.

    Both dates are always sent, because the default is the longest window. Their format `yyyy-mm-dd`
    is the only one that is the same in every culture (Q36).
    """
    day = key.day.isoformat()
    condition = {"Field": "CustomerId", "Value": key.customer_id, "Operator": "equals"}
    return Call(
        LIST_AUDIT_RECORDS,
        query=(
            ("startDate", day),
            ("endDate", day),
            ("size", _PAGE_SIZE),
            ("filter", json.dumps(condition, separators=(",", ":"))),
        ),
    )


def decode_audit_records_page(body: bytes) -> Page[AuditRecord]:
    page = _RECORDS(body)
    records = [to_audit_record(wire) for wire in page.items or ()]
    return Page(records, find_continuation(page))
