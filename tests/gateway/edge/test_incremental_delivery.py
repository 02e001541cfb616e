"""Paths of parts, for clients of both formats of incremental delivery."""

from typing import Any

from graphql.execution import (
    IncrementalDeferResult,
    IncrementalStreamResult,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)
from graphql.execution.types import PendingResult

from gateway.edge.incremental_delivery import IncrementalDelivery


def paths_of(delivery: dict[str, Any]) -> list[Any]:
    return [piece["path"] for piece in delivery["incremental"]]


def test_the_path_of_streamed_items_continues_the_list() -> None:
    deliveries = IncrementalDelivery("correlation")
    deliveries.format_frame(
        InitialIncrementalExecutionResult(
            {"a": {"list": ["x"]}}, pending=[PendingResult("0", ["a", "list"], "label")]
        )
    )
    later = [
        SubsequentIncrementalExecutionResult(
            has_next=True, incremental=[IncrementalStreamResult(items, "0")]
        )
        for items in (["y", "z"], ["w"])
    ]
    first, second = [deliveries.format_frame(frame) for frame in later]
    assert first["incremental"] == [
        {"items": ["y", "z"], "id": "0", "path": ["a", "list", 1], "label": "label"}
    ]
    assert paths_of(second) == [["a", "list", 3]]


def test_a_list_may_start_in_deferred_data_and_continue_in_the_same_frame() -> None:
    deliveries = IncrementalDelivery("correlation")
    deliveries.format_frame(InitialIncrementalExecutionResult({}, pending=[PendingResult("0", [])]))
    delivery = deliveries.format_frame(
        SubsequentIncrementalExecutionResult(
            pending=[PendingResult("1", ["a", "list"])],
            incremental=[
                IncrementalDeferResult({"b": 1}, "0"),
                IncrementalDeferResult({"list": ["x", "y"]}, "0", sub_path=["a"]),
                IncrementalStreamResult(["z"], "1"),
            ],
        )
    )
    assert paths_of(delivery) == [[], ["a"], ["a", "list", 2]]


def test_a_list_may_start_inside_an_item_of_another_list() -> None:
    deliveries = IncrementalDelivery("correlation")
    deliveries.format_frame(
        InitialIncrementalExecutionResult({"outer": []}, pending=[PendingResult("0", ["outer"])])
    )
    deliveries.format_frame(
        SubsequentIncrementalExecutionResult(
            pending=[PendingResult("1", ["outer", 1, "inner"])],
            incremental=[IncrementalStreamResult([{"inner": []}, {"inner": ["x"]}], "0")],
        )
    )
    delivery = deliveries.format_frame(
        SubsequentIncrementalExecutionResult(
            incremental=[
                IncrementalStreamResult([{"inner": []}], "0"),
                IncrementalStreamResult(["y"], "1"),
            ]
        )
    )
    assert paths_of(delivery) == [["outer", 2], ["outer", 1, "inner", 1]]
