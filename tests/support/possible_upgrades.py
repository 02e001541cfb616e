"""The upgrades that a sandbox allows, found without a gateway."""

from collections.abc import Iterator

from gateway.sandbox.app import Sandbox
from gateway.sandbox.enums import UpgradeType
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


def expected_state(sandbox: Sandbox, upgrade: PossibleUpgrade) -> str:
    """Return the expected state of an upgrade: it needs the customer's agreement."""
    account = sandbox.world.get_customer(upgrade.customer_id, sandbox.clock())
    return "DONE" if account.has_accepted_agreement else "REFUSED"
