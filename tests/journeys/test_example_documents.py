"""The examples of previews and purchases in GraphiQL, unchanged and completed by their reader."""

import json
from dataclasses import asdict

from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from tests.support.journey import Journey, journey


def steps_of(gateway: Journey) -> tuple[ExampleDocument, ExampleDocument]:
    ids = ExampleIds.from_sandbox(asdict(gateway.sandbox.world.examples))
    preview, buy = (each for each in example_documents(ids) if "Upgrade, step" in each.title)
    return preview, buy


async def test_the_second_step_buys_nothing_without_the_first() -> None:
    async with journey() as gateway:
        _, buy = steps_of(gateway)
        data = await gateway.data(buy.query, **json.loads(buy.variables))
        calls = gateway.take_call_counts()

    payload = data["upgradeSubscription"]
    (error,) = payload["userErrors"]
    assert payload["operation"] is None
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "previewToken"])
    assert calls == {}


async def test_the_second_step_buys_what_the_first_showed() -> None:
    async with journey() as gateway:
        preview, buy = steps_of(gateway)
        shown = await gateway.data(preview.query, **json.loads(preview.variables))
        variables = json.loads(buy.variables)
        variables["input"]["previewToken"] = shown["upgradePreview"]["previewToken"]
        bought = await gateway.data(buy.query, **variables)

    assert shown["upgradePreview"]["isEligible"]
    payload = bought["upgradeSubscription"]
    assert payload["userErrors"] == []
    assert payload["operation"]["state"] == "DONE"
    assert (
        payload["result"]["targetSubscription"]["quantity"] == shown["upgradePreview"]["quantity"]
    )


async def test_the_previews_of_every_family_run_as_they_stand() -> None:
    async with journey() as gateway:
        ids = ExampleIds.from_sandbox(asdict(gateway.sandbox.world.examples))
        (example,) = (
            each for each in example_documents(ids) if each.title == "Previews of every family"
        )
        shown = await gateway.data(example.query, **json.loads(example.variables))

    assert {name: each["kind"] for name, each in shown.items()} == {
        "upgrade": "UPGRADE_SUBSCRIPTION",
        "transition": "TRANSITION_SUBSCRIPTION",
        "productUpgrade": "REQUEST_PRODUCT_UPGRADE",
    }
    for each in shown.values():
        assert each["isEligible"]
        assert each["previewToken"]
