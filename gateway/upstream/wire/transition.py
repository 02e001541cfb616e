"""Transitions of new commerce subscriptions. Source: CONTRACT 5.7."""

from gateway.upstream.wire.resource import Attributes, Enumerated, Number, Text, WireModel
from gateway.upstream.wire.service_fault import ServiceFault


class CodedError(WireModel):
    """CONTRACT 5.7, TransitionError and TargetSubscriptionError."""

    code: Enumerated = None
    description: Text | None = None


class TransitionEligibilityDetail(WireModel):
    """CONTRACT 5.7."""

    is_eligible: bool | None = None
    transition_type: Enumerated = None
    errors: tuple[CodedError, ...] | None = None


class TargetSubscriptionEligibilityDetail(WireModel):
    """CONTRACT 5.7."""

    is_eligible: bool | None = None
    subscription_id: Text | None = None
    subscription_friendly_name: Text | None = None
    subscription_term_duration: Text | None = None
    subscription_billing_cycle: Enumerated = None
    errors: tuple[CodedError, ...] | None = None


class TransitionEligibility(WireModel):
    """CONTRACT 5.7."""

    catalog_item_id: Text | None = None
    title: Text | None = None
    description: Text | None = None
    quantity: Number | None = None
    eligibilities: tuple[TransitionEligibilityDetail, ...] | None = None
    subscription_eligibilities: tuple[TargetSubscriptionEligibilityDetail, ...] | None = None
    operation_id: Text | None = None
    attributes: Attributes | None = None


class TransitionEvent(WireModel):
    """CONTRACT 5.7."""

    name: Enumerated = None
    status: Enumerated = None
    timestamp: Text | None = None
    errors: tuple[ServiceFault, ...] | None = None
    attributes: Attributes | None = None


class Transition(WireModel):
    """CONTRACT 5.7."""

    operation_id: Text | None = None
    from_catalog_item_id: Text | None = None
    from_subscription_id: Text | None = None
    to_catalog_item_id: Text | None = None
    to_subscription_id: Text | None = None
    quantity: Number | None = None
    term_duration: Text | None = None
    billing_cycle: Enumerated = None
    transition_type: Enumerated = None
    promotion_id: Text | None = None
    events: tuple[TransitionEvent, ...] | None = None
    attributes: Attributes | None = None
