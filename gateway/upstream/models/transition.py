"""Transitions of new commerce subscriptions. Source: CONTRACT 5.7."""

from collections.abc import Sequence
from typing import Final

import schema.transition as graph
import schema.transition_eligibility as eligibility_graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireEnum,
    WireInt,
    WireModel,
    WireText,
    to_datetime,
    to_id,
)
from gateway.upstream.models.enums import (
    BILLING_CYCLE,
    TARGET_SUBSCRIPTION_ERROR_CODE,
    TRANSITION_ERROR_CODE,
    TRANSITION_EVENT_NAME,
    TRANSITION_EVENT_STATUS,
    TRANSITION_TYPE,
    raw_enum,
)
from gateway.upstream.models.resource import WireAttributes, WireCollection, to_attributes
from gateway.upstream.models.service_fault import WireServiceFault, to_service_fault


class WireCodedError(WireModel):
    """A TransitionError or a TargetSubscriptionError (CONTRACT 5.7)."""

    code: WireEnum = None
    description: WireText | None = None


class WireTransitionEligibilityDetail(WireModel):
    is_eligible: bool | None = None
    transition_type: WireEnum = None
    errors: tuple[WireCodedError, ...] | None = None


class WireTargetSubscriptionEligibilityDetail(WireModel):
    is_eligible: bool | None = None
    subscription_id: WireText | None = None
    subscription_friendly_name: WireText | None = None
    subscription_term_duration: WireText | None = None
    subscription_billing_cycle: WireEnum = None
    errors: tuple[WireCodedError, ...] | None = None


class WireTransitionEligibility(WireModel):
    catalog_item_id: WireText | None = None
    title: WireText | None = None
    description: WireText | None = None
    quantity: WireInt | None = None
    eligibilities: tuple[WireTransitionEligibilityDetail, ...] | None = None
    subscription_eligibilities: tuple[WireTargetSubscriptionEligibilityDetail, ...] | None = None
    operation_id: WireText | None = None
    attributes: WireAttributes | None = None


class WireTransitionEvent(WireModel):
    name: WireEnum = None
    status: WireEnum = None
    timestamp: WireText | None = None
    errors: tuple[WireServiceFault, ...] | None = None
    attributes: WireAttributes | None = None


class WireTransition(WireModel):
    operation_id: WireText | None = None
    from_catalog_item_id: WireText | None = None
    from_subscription_id: WireText | None = None
    to_catalog_item_id: WireText | None = None
    to_subscription_id: WireText | None = None
    quantity: WireInt | None = None
    term_duration: WireText | None = None
    billing_cycle: WireEnum = None
    transition_type: WireEnum = None
    promotion_id: WireText | None = None
    events: tuple[WireTransitionEvent, ...] | None = None
    attributes: WireAttributes | None = None


_ELIGIBILITIES: Final = Decoder(WireCollection[WireTransitionEligibility])
_TRANSITIONS: Final = Decoder(WireCollection[WireTransition])
_TRANSITION: Final = Decoder(WireTransition)


def decode_eligibilities(body: bytes) -> Sequence[eligibility_graph.TransitionEligibility]:
    return [to_eligibility(wire) for wire in _ELIGIBILITIES(body).items or ()]


def decode_transitions(body: bytes) -> Sequence[graph.Transition]:
    return [to_transition(wire) for wire in _TRANSITIONS(body).items or ()]


def decode_transition(body: bytes) -> graph.Transition:
    return to_transition(_TRANSITION(body))


def to_eligibility(wire: WireTransitionEligibility) -> eligibility_graph.TransitionEligibility:
    return eligibility_graph.TransitionEligibility(
        catalog_item_id=to_id(wire.catalog_item_id),
        title=wire.title,
        description=wire.description,
        quantity=wire.quantity,
        eligibilities=[_to_detail(detail) for detail in wire.eligibilities or ()],
        subscription_eligibilities=[
            _to_target_detail(detail) for detail in wire.subscription_eligibilities or ()
        ],
        operation_id=to_id(wire.operation_id),
        attributes=to_attributes(wire.attributes),
    )


def to_transition(wire: WireTransition) -> graph.Transition:
    return graph.Transition(
        operation_id=to_id(wire.operation_id),
        from_catalog_item_id=to_id(wire.from_catalog_item_id),
        from_subscription_id=to_id(wire.from_subscription_id),
        to_catalog_item_id=to_id(wire.to_catalog_item_id),
        to_subscription_id=to_id(wire.to_subscription_id),
        quantity=wire.quantity,
        term_duration=wire.term_duration,
        billing_cycle=BILLING_CYCLE(wire.billing_cycle),
        raw_billing_cycle=raw_enum(wire.billing_cycle),
        transition_type=TRANSITION_TYPE(wire.transition_type),
        raw_transition_type=raw_enum(wire.transition_type),
        promotion_id=to_id(wire.promotion_id),
        events=[_to_event(event) for event in wire.events or ()],
        attributes=to_attributes(wire.attributes),
    )


def _to_detail(
    wire: WireTransitionEligibilityDetail,
) -> eligibility_graph.TransitionEligibilityDetail:
    return eligibility_graph.TransitionEligibilityDetail(
        is_eligible=bool(wire.is_eligible),
        transition_type=TRANSITION_TYPE(wire.transition_type),
        raw_transition_type=raw_enum(wire.transition_type),
        errors=[
            eligibility_graph.TransitionError(
                code=TRANSITION_ERROR_CODE.required(error.code),
                raw_code=raw_enum(error.code) or "",
                description=error.description,
            )
            for error in wire.errors or ()
        ],
    )


def _to_target_detail(
    wire: WireTargetSubscriptionEligibilityDetail,
) -> eligibility_graph.TargetSubscriptionEligibilityDetail:
    return eligibility_graph.TargetSubscriptionEligibilityDetail(
        is_eligible=bool(wire.is_eligible),
        subscription_id=to_id(wire.subscription_id),
        subscription_friendly_name=wire.subscription_friendly_name,
        subscription_term_duration=wire.subscription_term_duration,
        subscription_billing_cycle=BILLING_CYCLE(wire.subscription_billing_cycle),
        raw_subscription_billing_cycle=raw_enum(wire.subscription_billing_cycle),
        errors=[
            eligibility_graph.TargetSubscriptionError(
                code=TARGET_SUBSCRIPTION_ERROR_CODE.required(error.code),
                raw_code=raw_enum(error.code) or "",
                description=error.description,
            )
            for error in wire.errors or ()
        ],
    )


def _to_event(wire: WireTransitionEvent) -> graph.TransitionEvent:
    return graph.TransitionEvent(
        name=TRANSITION_EVENT_NAME(wire.name),
        raw_name=raw_enum(wire.name),
        status=TRANSITION_EVENT_STATUS(wire.status),
        raw_status=raw_enum(wire.status),
        timestamp=to_datetime(wire.timestamp),
        raw_timestamp=wire.timestamp,
        errors=[to_service_fault(fault) for fault in wire.errors or ()],
        attributes=to_attributes(wire.attributes),
    )
