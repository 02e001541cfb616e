"""Parts that most resources carry. Source: CONTRACT 5.1."""

import strawberry
from strawberry import field


@strawberry.type(description="What the vendor says about a resource itself.")
class ResourceAttributes:
    """CONTRACT 5.1, ResourceAttributes."""

    etag: str | None = field(
        default=None, description="Version, only on resources that can be updated; never stored."
    )
    object_type: str | None = field(
        default=None, description="The vendor's name of the type, such as `Upgrade`."
    )


@strawberry.input(description="What a request says about itself, sent to the vendor as it is.")
class ResourceAttributesInput:
    """CONTRACT 5.1, ResourceAttributes, of what is sent."""

    etag: str | None = field(default=None, description="Version of what is sent.")
    object_type: str | None = field(
        default=None, description="The vendor's name of the type, such as `ProductUpgradeRequest`."
    )


@strawberry.type(description="A header to send when following a link.")
class LinkHeader:
    """CONTRACT 5.1, an element of Link.headers."""

    key: str | None = field(default=None, description="Name of the header.")
    value: str | None = field(default=None, description="Value of the header.")


@strawberry.type(description="A link as the vendor printed it; the gateway never follows it.")
class Link:
    """CONTRACT 5.1, Link."""

    uri: str | None = field(
        default=None,
        description="Relative or absolute address, kept as sent: some have spaces, some none.",
    )
    method: str | None = field(default=None, description="HTTP method, `GET` wherever seen.")
    headers: list[LinkHeader] = field(
        default_factory=list, description="Headers to send when following."
    )
    body: str | None = field(default=None, description="Body to send when following.")


@strawberry.type(description="Links from a resource to itself and its neighbours.")
class ResourceLinks:
    """CONTRACT 5.1, ResourceLinks."""

    self_: Link | None = field(default=None, name="self", description="The resource itself.")
    next: Link | None = field(default=None, description="The following page.")
    previous: Link | None = field(default=None, description="The page before.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the links themselves."
    )
