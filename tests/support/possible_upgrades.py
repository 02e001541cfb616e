"""The orders that a sandbox allows, found without a gateway."""

from collections.abc import Iterator, Mapping

from gateway.sandbox.app import Sandbox
from gateway.sandbox.enums import UpgradeType
from gateway.sandbox.product_upgrades import check_eligibility
from gateway.sandbox.records import CommerceFamily, Trait
from gateway.sandbox.transitions import list_eligibilities
from gateway.sandbox.upgrades import UpgradeContext, find_problems, list_targets
from tests.support.upgrades import PossibleUpgrade


def list_possible_upgrades(sandbox: Sandbox) -> Iterator[PossibleUpgrade]:
    """Yield upgrades that do not prevent each other."""
    world, around = sandbox.world, UpgradeContext(is_user=True, now_s=sandbox.clock())
    for profile in world.iter_profiles():
        account = world.get_customer(profile.id, around.now_s)
        taken: set[str] = set()
        for source in account.subscriptions.values():
            for target in list_targets(source, world.catalog):
                against = find_problems(account, source, target, UpgradeType.UPGRADE_ONLY, around)
                if not against and target.id not in taken:
                    taken.add(target.id)
                    yield PossibleUpgrade(profile.id, source.id, target.id)
                    break


def list_possible_transitions(sandbox: Sandbox) -> Iterator[dict[str, object]]:
    """Yield lines of transitions that succeed and do not prevent each other."""
    world, context = sandbox.world, UpgradeContext(is_user=True, now_s=sandbox.clock())
    for profile in world.iter_profiles():
        account = world.get_customer(profile.id, context.now_s)
        for source in account.subscriptions.values():
            is_free = source.trait is Trait.NONE and not account.transitions.get(source.id)
            if source.commerce_family is not CommerceFamily.NEW_COMMERCE or not is_free:
                continue
            for found in list_eligibilities(account, source, world.catalog, context)[:1]:
                if not found.types[0].problems:
                    yield {
                        "customerId": profile.id,
                        "subscriptionId": source.id,
                        "toCatalogItemId": found.item_id,
                        "transitionType": "TRANSITION_ONLY",
                        "quantity": source.quantity,
                    }


def list_possible_product_upgrades(sandbox: Sandbox) -> Iterator[dict[str, object]]:
    """Yield lines of product upgrades that succeed."""
    world, now_s, timings = sandbox.world, sandbox.clock(), sandbox.world.options.timings
    for profile in world.iter_profiles():
        account = world.get_customer(profile.id, now_s)
        is_eligible = check_eligibility(account, now_s, timings).is_eligible
        if is_eligible and not account.next_upgrade_fails and not account.product_upgrades:
            yield {"customerId": profile.id, "productFamily": "azure"}


def expected_state(sandbox: Sandbox, line: Mapping[str, object]) -> str:
    """Return the expected state of a possible order: an upgrade needs the customer's agreement."""
    account = sandbox.world.get_customer(str(line["customerId"]), sandbox.clock())
    is_refused = "targetOfferId" in line and not account.has_accepted_agreement
    return "REFUSED" if is_refused else "DONE"
