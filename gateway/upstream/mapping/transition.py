"""Transitions of new commerce subscriptions. Source: CONTRACT 5.7."""

import schema.transition as graph
import schema.transition_eligibility as eligibility_graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes
from gateway.upstream.mapping.service_fault import service_fault
from gateway.upstream.mapping.values import identifier, instant, text
from gateway.upstream.wire import transition as wire


def eligibility(sent: wire.TransitionEligibility) -> eligibility_graph.TransitionEligibility:
    """Map a TransitionEligibility."""
    return eligibility_graph.TransitionEligibility(
        catalog_item_id=identifier(sent.catalog_item_id),
        title=text(sent.title),
        description=text(sent.description),
        quantity=sent.quantity,
        eligibilities=[_detail(detail) for detail in sent.eligibilities or ()],
        subscription_eligibilities=[
            _target_detail(detail) for detail in sent.subscription_eligibilities or ()
        ],
        operation_id=identifier(sent.operation_id),
        attributes=attributes(sent.attributes),
    )


def transition(sent: wire.Transition) -> graph.Transition:
    """Map a Transition."""
    return graph.Transition(
        operation_id=identifier(sent.operation_id),
        from_catalog_item_id=identifier(sent.from_catalog_item_id),
        from_subscription_id=identifier(sent.from_subscription_id),
        to_catalog_item_id=identifier(sent.to_catalog_item_id),
        to_subscription_id=identifier(sent.to_subscription_id),
        quantity=sent.quantity,
        term_duration=text(sent.term_duration),
        billing_cycle=enums.BILLING_CYCLE(sent.billing_cycle),
        raw_billing_cycle=enums.raw_text(sent.billing_cycle),
        transition_type=enums.TRANSITION_TYPE(sent.transition_type),
        raw_transition_type=enums.raw_text(sent.transition_type),
        promotion_id=identifier(sent.promotion_id),
        events=[_event(event) for event in sent.events or ()],
        attributes=attributes(sent.attributes),
    )


def _detail(
    sent: wire.TransitionEligibilityDetail,
) -> eligibility_graph.TransitionEligibilityDetail:
    return eligibility_graph.TransitionEligibilityDetail(
        is_eligible=bool(sent.is_eligible),
        transition_type=enums.TRANSITION_TYPE(sent.transition_type),
        raw_transition_type=enums.raw_text(sent.transition_type),
        errors=[
            eligibility_graph.TransitionError(
                code=enums.TRANSITION_ERROR_CODE.required(error.code),
                raw_code=enums.raw_text(error.code) or "",
                description=text(error.description),
            )
            for error in sent.errors or ()
        ],
    )


def _target_detail(
    sent: wire.TargetSubscriptionEligibilityDetail,
) -> eligibility_graph.TargetSubscriptionEligibilityDetail:
    return eligibility_graph.TargetSubscriptionEligibilityDetail(
        is_eligible=bool(sent.is_eligible),
        subscription_id=identifier(sent.subscription_id),
        subscription_friendly_name=text(sent.subscription_friendly_name),
        subscription_term_duration=text(sent.subscription_term_duration),
        subscription_billing_cycle=enums.BILLING_CYCLE(sent.subscription_billing_cycle),
        raw_subscription_billing_cycle=enums.raw_text(sent.subscription_billing_cycle),
        errors=[
            eligibility_graph.TargetSubscriptionError(
                code=enums.TARGET_SUBSCRIPTION_ERROR_CODE.required(error.code),
                raw_code=enums.raw_text(error.code) or "",
                description=text(error.description),
            )
            for error in sent.errors or ()
        ],
    )


def _event(sent: wire.TransitionEvent) -> graph.TransitionEvent:
    return graph.TransitionEvent(
        name=enums.TRANSITION_EVENT_NAME(sent.name),
        raw_name=enums.raw_text(sent.name),
        status=enums.TRANSITION_EVENT_STATUS(sent.status),
        raw_status=enums.raw_text(sent.status),
        timestamp=instant(sent.timestamp),
        raw_timestamp=text(sent.timestamp),
        errors=[service_fault(fault) for fault in sent.errors or ()],
        attributes=attributes(sent.attributes),
    )
