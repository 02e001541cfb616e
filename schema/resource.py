"""Members that most resources of Partner Center have. Source: CONTRACT 5.1."""

import strawberry
from strawberry import field


@strawberry.type(description="Partner Center's metadata of a resource. Null if it sent none.")
class ResourceAttributes:
    etag: str | None = field(
        default=None,
        description="The version of the resource. Only resources that can be updated have one.",
    )
    object_type: str | None = field(
        default=None, description="Partner Center's name of the type, such as `Upgrade`."
    )


@strawberry.input(description="Metadata of a request, sent to Partner Center unchanged.")
class ResourceAttributesInput:
    etag: str | None = field(
        default=None,
        description="The version of the resource that is sent. Up to 255 printable characters.",
    )
    object_type: str | None = field(
        default=None,
        description=(
            "Partner Center's name of the type, such as `ProductUpgradeRequest`. Up"
            " to 255 printable characters."
        ),
    )


@strawberry.type(description="An HTTP header to send when following a link.")
class LinkHeader:
    key: str | None = field(default=None, description="The header's name.")
    value: str | None = field(default=None, description="The header's value.")


@strawberry.type(
    description=(
        "A link as Partner Center sent it. The graph's fields replace these"
        " links; clients need not follow them."
    )
)
class Link:
    uri: str | None = field(
        default=None,
        description="The relative or absolute address, unchanged. Some contain spaces.",
    )
    method: str | None = field(default=None, description="The HTTP method, usually `GET`.")
    headers: list[LinkHeader] = field(
        default_factory=list, description="The headers to send when following the link."
    )
    body: str | None = field(default=None, description="The body to send when following the link.")


@strawberry.type(
    description=(
        "The links from a resource to itself and to the neighboring pages. Null"
        " if Partner Center sent none."
    )
)
class ResourceLinks:
    self_: Link | None = field(default=None, name="self", description="The resource itself.")
    next: Link | None = field(default=None, description="The next page.")
    previous: Link | None = field(default=None, description="The previous page.")
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
