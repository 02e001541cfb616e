"""Records of activity in Partner Center. Source: CONTRACT 4.22, 5.9, 6.9, 6.10."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.resource import ResourceAttributes


@strawberry.enum(description="How a recorded operation ended.")
class AuditOperationStatus(Enum):
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="It was executed.")
    FAILED = strawberry.enum_value("FAILED", description="It failed.")
    PROGRESS = strawberry.enum_value("PROGRESS", description="It has not ended.")
    DECLINE = strawberry.enum_value("DECLINE", description="It was declined.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "A value that this version of the graph does not know. `rawOperationStatus` has it."
        ),
    )


@strawberry.type(description="A detail of an audit record, such as `OfferId-0` of an order's line.")
class AuditDetail:
    key: str | None = field(default=None, description="The name of the detail.")
    value: str | None = field(default=None, description="The value of the detail.")


@strawberry.type(
    description=(
        "Partner Center's record of something that was done for a customer, by anybody. Records"
        " may appear late, and need not be complete: a missing record proves nothing."
    )
)
class AuditRecord:
    """An audit record. Every member is optional, because some records lack it (Q38)."""

    id: strawberry.ID | None = field(default=None, description="The id of the record.")
    partner_id: strawberry.ID | None = field(
        default=None, description="The tenant id of the partner, a GUID."
    )
    participants: list[str] = field(
        default_factory=list, description="The tenant ids of the partners that took part."
    )
    customer_id: strawberry.ID | None = field(
        default=None, description="The tenant id of the customer, a GUID."
    )
    customer_name: str | None = field(default=None, description="The customer's company name.")
    user_principal_name: str | None = field(
        default=None, description="The user who acted. Null if an application acted alone."
    )
    application_id: str | None = field(
        default=None,
        description="The application that acted: a GUID, or a name such as `FulfillmentService`.",
    )
    resource_type: str | None = field(
        default=None, description="The kind of resource, such as `subscription` or `order`."
    )
    operation_type: str | None = field(
        default=None, description="The kind of operation, such as `update_subscription`."
    )
    operation_status: AuditOperationStatus | None = field(
        default=None, description="How the operation ended."
    )
    raw_operation_status: str | None = field(
        default=None, description="`operationStatus` as Partner Center sent it."
    )
    operation_date: datetime | None = field(
        default=None, description="When the operation was executed."
    )
    raw_operation_date: str | None = field(
        default=None, description="`operationDate` as Partner Center sent it."
    )
    original_correlation_id: str | None = field(
        default=None,
        description=(
            "The correlation id of the request that caused the record. It is not confirmed that"
            " this is the `MS-CorrelationId` that the caller sent."
        ),
    )
    session_id: str | None = field(default=None, description="The id of the user's session.")
    resource_old_value: JSON | None = field(
        default=None,
        description=(
            "The resource before the operation. Only members of orders and subscriptions have"
            " their values; those that may be personal or secret are `[redacted]`."
        ),
    )
    resource_new_value: JSON | None = field(
        default=None,
        description="The resource after the operation, redacted like `resourceOldValue`.",
    )
    customized_data: list[AuditDetail] = field(
        default_factory=list, description="Further details, by name."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
