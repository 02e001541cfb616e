"""The root fields that read from Partner Center for administrators."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers.context import RequestContext
from schema import arguments
from schema.arguments import CustomerId
from schema.audit_record import AuditRecord
from schema.directives import AUDIT_RECORDS, ONE_CALL, REQUIRES_ADMIN
from schema.keys import AuditDayKey, PartnerKey, ValidationEventKey
from schema.webhook import WebhookRegistration, WebhookValidationEvent

Info = strawberry.Info[RequestContext, None]


@strawberry.type
class AdministratorQuery:
    @strawberry.field(
        description=(
            "Partner Center's records of what was done for a customer on one day, by anybody. They"
            " can be read for 90 days. Costs one call for each 500 records."
        ),
        directives=(*REQUIRES_ADMIN, *AUDIT_RECORDS),
    )
    async def audit_records(
        self,
        info: Info,
        customer_id: CustomerId,
        day: Annotated[date, strawberry.argument(description="The day, in UTC.")],
    ) -> list[AuditRecord] | None:
        key = AuditDayKey(arguments.parse_guid("customerId", customer_id), day)
        return list(await info.context.loaders.audit_records.load(key))

    @strawberry.field(
        description="The names of the events for which the partner can register.",
        directives=(*REQUIRES_ADMIN, *ONE_CALL),
    )
    async def webhook_event_names(self, info: Info) -> list[str] | None:
        return list(await info.context.loaders.webhook_event_names.load(PartnerKey()))

    @strawberry.field(
        description="The partner's registration for Partner Center's events.",
        directives=(*REQUIRES_ADMIN, *ONE_CALL),
    )
    async def webhook_registration(self, info: Info) -> WebhookRegistration | None:
        return await info.context.loaders.webhook_registration.load(PartnerKey())

    @strawberry.field(
        description="The state of a test event that was sent to the partner's webhook.",
        directives=(*REQUIRES_ADMIN, *ONE_CALL),
    )
    async def webhook_validation_event(
        self,
        info: Info,
        correlation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the test event, a GUID.")
        ],
    ) -> WebhookValidationEvent | None:
        key = ValidationEventKey(arguments.parse_guid("correlationId", correlation_id))
        return await info.context.loaders.webhook_validation_event.load(key)
