"""The arguments that filter operations."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.operation import OperationStateInput
from schema.operation_kind import OperationKindInput

States = Annotated[
    list[OperationStateInput] | None,
    strawberry.argument(description="Returns only operations in one of these states."),
]
Kinds = Annotated[
    list[OperationKindInput] | None,
    strawberry.argument(description="Returns only operations of one of these kinds."),
]
OfCustomer = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Returns only operations for this customer: its tenant id, a GUID."
    ),
]
OfPrincipal = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Returns only operations of this principal. Another principal than your own"
            " requires the scope `upgrades:admin`."
        )
    ),
]
CreatedFrom = Annotated[
    datetime | None,
    strawberry.argument(description="Returns only operations recorded at this time or later."),
]
CreatedBefore = Annotated[
    datetime | None,
    strawberry.argument(description="Returns only operations recorded before this time."),
]
