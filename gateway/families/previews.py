"""Previews of orders of every kind: implements `resolvers.ports.previews.Previews`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.families.base import PartnerCenterFamily
from resolvers.orders import Order
from resolvers.ports.directory import Directory
from schema.preview import UpgradePreview


class FamilyPreviews(msgspec.Struct, frozen=True, eq=False):
    """Previews each order with the family of its kind."""

    families: Mapping[str, PartnerCenterFamily[Any]]

    async def create(self, order: Order, directory: Directory) -> UpgradePreview:
        return await self.families[order.kind].preview(order, directory)
