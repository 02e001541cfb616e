"""Checks the connection to Partner Center, with one token request and at most four calls."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.doctor import evaluate
from gateway.doctor.findings import NEEDS, Finding, Report, Step, not_tried
from gateway.doctor.probe import ProbeClient, ProbeResult, decode_items
from gateway.ids import new_uuid
from gateway.settings import PartnerSettings
from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.decoding import Decoder
from gateway.upstream.errors import UpstreamError
from gateway.upstream.factory import build_tokens, resolve_base_url
from gateway.upstream.models.customer import WireCustomer
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.models.subscription import WireSubscription
from gateway.upstream.models.upgrade import WireUpgrade
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import Transport

_TOKEN_WITHIN_S: Final = 30.0
_PAGE: Final = Call(
    endpoints.LIST_CUSTOMERS, query=(("size", "10"),), headers=(("ValidateMfa", "true"),)
)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_SHORTEST_TOKEN: Final = 8  # shorter ones are words, such as the sandbox's token

_CUSTOMERS: Final = Decoder(WireCollection[WireCustomer])
_SUBSCRIPTIONS: Final = Decoder(WireCollection[WireSubscription])
_UPGRADES: Final = Decoder(WireCollection[WireUpgrade])


async def check_partner_center(
    partner: PartnerSettings,
    transport: Transport,
    clock: Clock,
    *,
    caller: SecretToken | None = None,
    customer_id: str | None = None,
) -> Report:
    """Check the connection to Partner Center step by step.

    Args:
        partner: the settings to check.
        transport: sends the requests; the caller closes it.
        clock: the clock of this machine.
        caller: a caller's token, if tokens are passed through.
        customer_id: the customer whose subscriptions are read; by default, the first one.
    """
    tokens = build_tokens(partner, transport, clock)
    examination = _PartnerCenterChecks(partner, tokens, transport, clock)
    examination.caller, examination.customer_id = caller, customer_id
    return Report(await examination.run())


class _PartnerCenterChecks:
    """One run. Steps keep what later steps need."""

    def __init__(
        self, partner: PartnerSettings, tokens: TokenProvider, transport: Transport, clock: Clock
    ) -> None:
        self._partner = partner
        self._tokens = tokens
        self._clock = clock
        self._client = ProbeClient(transport, resolve_base_url(partner), clock)
        self._token = ""
        self._page = ProbeResult()
        self._customer_count = 0
        self._subscription_id = ""
        self.caller: SecretToken | None = None
        self.customer_id: str | None = None

    async def run(self) -> list[Finding]:
        """Run every step, except those that need a step that has failed."""
        checks_by_step: Mapping[Step, Callable[[], Awaitable[Finding]]] = {
            Step.SETTINGS: self._settings,
            Step.TOKEN: self._obtain_token,
            Step.CONNECTION: self._connection,
            Step.AUDIENCE: self._audience,
            Step.MFA: self._mfa,
            Step.USER_CONTEXT: self._user_context,
            Step.CUSTOMERS: self._customers,
            Step.SUBSCRIPTIONS: self._subscriptions,
            Step.UPGRADES: self._upgrades,
            Step.CLOCK: self._clock_skew,
            Step.THROTTLE: self._throttle,
        }
        found: dict[Step, Finding] = {}
        for step, check in checks_by_step.items():
            need = NEEDS.get(step)
            if need is None or found[need].allows_next:
                found[step] = self._without_token(await _run_step(step, check))
            else:
                found[step] = not_tried(step, f"needs: {need}")
        return list(found.values())

    async def _settings(self) -> Finding:
        detail = f"partner.auth '{self._partner.auth}' at {resolve_base_url(self._partner)}"
        return evaluate.passed(Step.SETTINGS, detail)

    async def _obtain_token(self) -> Finding:
        if self._partner.auth == "passthrough" and self.caller is None:
            return not_tried(Step.TOKEN, "tokens are passed through; provide one with --token-file")
        scope = RequestScope(
            identity=self._tokens.identity(self.caller),
            correlation_id=new_uuid(),
            deadline=self._clock.monotonic() + _TOKEN_WITHIN_S,
            budget=CallBudget(1),
            token=self.caller,
        )
        try:
            self._token = await self._tokens.get(scope)
        except UpstreamError as error:
            return evaluate.token(error, is_sandbox=self._partner.auth == "sandbox")
        return evaluate.passed(Step.TOKEN, "obtained a token")

    async def _connection(self) -> Finding:
        result = await self._client.send(_PAGE, self._token)
        self._page, customers = decode_items(result, _CUSTOMERS)
        self._customer_count = len(customers)
        if self.customer_id is None and customers:
            self.customer_id = customers[0].id
        return evaluate.connection(self._page)

    async def _audience(self) -> Finding:
        return evaluate.audience(self._page)

    async def _mfa(self) -> Finding:
        return evaluate.mfa(self._page)

    async def _user_context(self) -> Finding:
        """Read something that does not exist: Partner Center checks permissions first."""
        arguments = (self.customer_id or _NOBODY, _NOBODY)
        call = Call(endpoints.GET_PROVISIONING_STATUS, arguments)
        result = await self._client.send(call, self._token)
        return evaluate.user_context(result, is_application=self._partner.auth == "app")

    async def _customers(self) -> Finding:
        return evaluate.listing(Step.CUSTOMERS, self._page, self._customer_count, "customers")

    async def _subscriptions(self) -> Finding:
        if self.customer_id is None:
            return not_tried(Step.SUBSCRIPTIONS, "there is no customer to read")
        call = Call(endpoints.LIST_SUBSCRIPTIONS, (self.customer_id,))
        result, items = decode_items(await self._client.send(call, self._token), _SUBSCRIPTIONS)
        self._subscription_id = items[0].id if items else ""
        return evaluate.listing(Step.SUBSCRIPTIONS, result, len(items), "subscriptions")

    async def _upgrades(self) -> Finding:
        if not (self.customer_id and self._subscription_id):
            return not_tried(Step.UPGRADES, "there is no subscription to read")
        call = Call(endpoints.LIST_UPGRADES, (self.customer_id, self._subscription_id))
        result, items = decode_items(await self._client.send(call, self._token), _UPGRADES)
        return evaluate.listing(Step.UPGRADES, result, len(items), "upgrades")

    async def _clock_skew(self) -> Finding:
        return evaluate.clock(self._page)

    async def _throttle(self) -> Finding:
        return evaluate.throttle(self._client.results)

    def _without_token(self, finding: Finding) -> Finding:
        """Mask the token, which the vendor may have quoted."""
        secrets = [self._token] if len(self._token) >= _SHORTEST_TOKEN else []
        return finding.masked(secrets)


async def _run_step(step: Step, check: Callable[[], Awaitable[Finding]]) -> Finding:
    """Run a step. Arguments that cannot be sent, such as an invalid customer id, fail here."""
    try:
        return await check()
    except UpstreamError as error:
        return evaluate.failed(step, error)
