from dataclasses import replace
from typing import Any, Final

from strawberry import ID

from gateway.families.base import UpstreamAccess
from gateway.families.transition import Transitions
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.model.record import create_record
from gateway.operations.model.steps import (
    Baseline,
    PollResult,
    ReconcileResult,
    UpstreamProgress,
    Verdict,
)
from resolvers.orders import TransitionOrder
from schema.keys import SubscriptionKey
from schema.transition import (
    Transition,
    TransitionEvent,
    TransitionEventName,
    TransitionEventStatus,
    TransitionType,
)
from tests.gateway.upstream.scripted_client import build_scope
from tests.support.clock import FakeClock
from tests.support.directory import StubDirectory
from tests.support.fake_partner import POLICY

CONVERSION, DONE = TransitionEventName.CONVERSION, TransitionEventStatus.COMPLETED
ITEM: Final = "P:0001:A"
RECEIVER: Final = "00000000-0000-4000-8000-00000000000a"
ORDER: Final = TransitionOrder(SubscriptionKey("c", "s"), ITEM, 3, TransitionType.TRANSITION_ONLY)
INTO: Final = replace(ORDER, to_subscription_id=RECEIVER)


def transitions_over(*made: Transition) -> Transitions:
    def never(*_: object) -> Any:
        raise AssertionError("nothing is sent")

    directory = StubDirectory(transitions=list(made))
    return Transitions(
        UpstreamAccess(
            lambda *_: build_scope(),
            lambda _: directory,
            never,
            FakeClock(),
            OperationCallCounter(),
        )
    )


RECORD: Final = create_record(ORDER, "somebody", "key-1", request_id="r", now=0.0, policy=POLICY)
MADE: Final = Transition(
    operation_id=ID("Op-1"),
    to_catalog_item_id=ID(ITEM),
    to_subscription_id=ID("new"),
    events=[TransitionEvent(name=CONVERSION, status=DONE)],
)
BARE: Final = replace(MADE, operation_id=ID("OP-1"), to_subscription_id=None, events=[])


async def test_a_transition_that_is_listed_twice_is_polled_as_one() -> None:
    polled: PollResult = await transitions_over(BARE, MADE).poll(RECORD, "op-1")
    assert polled.progress is UpstreamProgress.DONE


async def test_a_transition_that_is_listed_twice_is_reconciled_as_one() -> None:
    found: ReconcileResult = await transitions_over(BARE, MADE).reconcile(
        RECORD, Baseline(is_listed=True)
    )
    assert found.verdict is Verdict.DONE


async def test_two_new_transitions_are_unclear_and_known_ones_are_ignored() -> None:
    family = transitions_over(MADE, replace(MADE, operation_id=ID("op-2")))
    two = await family.reconcile(RECORD, Baseline(is_listed=True))
    one = await family.reconcile(RECORD, Baseline(is_listed=True, known_ids=("op-1",)))
    none = await family.reconcile(RECORD, Baseline(is_listed=True, known_ids=("op-1", "op-2")))
    assert [two.verdict, one.verdict, none.verdict] == [
        Verdict.UNCLEAR,
        Verdict.DONE,
        Verdict.NOT_DONE,
    ]


async def test_results_contain_the_subscription_that_a_transition_created() -> None:
    found = await transitions_over(MADE).reconcile(RECORD, Baseline(is_listed=True))
    polled = await transitions_over(MADE).poll(RECORD, "op-1")
    assert (found.reference, found.purchase, polled.purchase) == ("Op-1", "new", "new")

    into = replace(MADE, to_subscription_id=ID(RECEIVER))
    record = create_record(INTO, "somebody", "key-1", request_id="r", now=0.0, policy=POLICY)
    assert (await transitions_over(into).poll(record, "op-1")).purchase is None
