"""The provisioning status of a subscription. Source: CONTRACT 5.5."""

from typing import Final

import schema.provisioning as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireEnum,
    WireInt,
    WireModel,
    WireText,
    to_datetime,
    to_id,
)
from gateway.upstream.models.enums import PROVISIONING_STATUS, raw_enum
from gateway.upstream.models.resource import WireAttributes, to_attributes


class WireSubscriptionProvisioningStatus(WireModel):
    sku_id: WireText | None = None
    status: WireEnum = None
    quantity: WireInt | None = None
    end_date: WireText | None = None
    attributes: WireAttributes | None = None


_STATUS: Final = Decoder(WireSubscriptionProvisioningStatus)


def decode_provisioning_status(body: bytes) -> graph.SubscriptionProvisioningStatus:
    wire = _STATUS(body)
    return graph.SubscriptionProvisioningStatus(
        sku_id=to_id(wire.sku_id),
        status=PROVISIONING_STATUS(wire.status),
        raw_status=raw_enum(wire.status),
        quantity=wire.quantity,
        end_date=to_datetime(wire.end_date),
        raw_end_date=wire.end_date,
        attributes=to_attributes(wire.attributes),
    )
