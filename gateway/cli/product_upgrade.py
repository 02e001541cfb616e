"""`upgrade-gateway product-upgrade`."""

from gateway.cli.gateway_options import DEFAULT_URL, Token, Url
from gateway.cli.order_options import (
    Customer,
    Json,
    Key,
    Preview,
    ProductFamily,
    Wait,
    place_order,
)


def product_upgrade(
    customer: Customer,
    key: Key,
    product_family: ProductFamily = "azure",
    preview_token: Preview = None,
    wait: Wait = 25,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Move a customer's legacy Azure subscriptions to the Azure plan, at most once per key.

    Exit code 0: it was done. 3: it was not done. 4: it is unknown whether it was done. 5: it is
    still running; see `watch`.
    """
    from gateway.client.documents import PRODUCT_UPGRADE

    members = {
        "customerId": customer,
        "productFamily": product_family,
        "previewToken": preview_token,
    }
    place_order(PRODUCT_UPGRADE, members, key, wait, (url, token), as_json=as_json)
