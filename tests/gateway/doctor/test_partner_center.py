"""The whole examination against a sandbox over real HTTP, with one thing wrong at a time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.clock import SystemClock
from gateway.credentials import SecretToken
from gateway.doctor.findings import Finding, Outcome, Report, Step
from gateway.doctor.partner_center import check_partner_center
from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions
from gateway.settings import PartnerSettings
from gateway.settings.masking import MASK
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

SETTINGS = {"tenant_id": "t", "client_id": "c", "client_secret": "s"}


class CheckedGateway:
    """A sandbox, and the doctor who looks at settings that lead to it."""

    def __init__(self, sandbox: Sandbox, url: str, transport: HttpxTransport) -> None:
        self.sandbox = sandbox
        self.url = url
        self._transport = transport

    async def report(
        self, *, caller: str = "", customer_id: str | None = None, **partner: object
    ) -> Report:
        settings = PartnerSettings.model_validate({"base_url": self.url, **partner})
        return await check_partner_center(
            settings,
            self._transport,
            SystemClock(),
            caller=SecretToken(caller) if caller else None,
            customer_id=customer_id,
        )

    async def fault(self, operation: str, kind: FaultKind, **how: object) -> Report:
        fault = Fault.from_json({"kind": kind, "operation": operation, **how})
        self.sandbox.faults.add(fault)
        return await self.report()


@pytest.fixture
async def subject() -> AsyncIterator[CheckedGateway]:
    sandbox = frozen_clock_sandbox(SandboxOptions(customers=MIN_CUSTOMERS))
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(sandbox) as url:
        yield CheckedGateway(sandbox, url, transport)
        await transport.aclose()


STEPS = list(Step)
OF_PARTNER = STEPS[: STEPS.index(Step.STORE)]


def by_step(report: Report) -> dict[Step, Finding]:
    found = {finding.step: finding for finding in report.findings}
    assert list(found) == OF_PARTNER, "one finding a step, in order"
    return found


def of_outcome(report: Report, outcome: Outcome) -> set[Step]:
    return {finding.step for finding in report.findings if finding.outcome is outcome}


async def test_a_good_configuration_costs_one_token_and_four_calls(subject: CheckedGateway) -> None:
    report = await subject.report()
    assert of_outcome(report, Outcome.PASSED) == set(OF_PARTNER)
    assert report.is_healthy
    assert len(subject.sandbox.calls.token_requests) == 1
    assert [call.operation for call in subject.sandbox.calls] == [
        "list_customers",
        "get_provisioning_status",
        "list_subscriptions",
        "list_upgrades",
    ]


AFTER_CONNECTION = set(OF_PARTNER) - {Step.SETTINGS, Step.TOKEN, Step.CONNECTION, Step.THROTTLE}
AFTER_AUDIENCE = AFTER_CONNECTION - {Step.AUDIENCE, Step.CLOCK}
AFTER_MFA = AFTER_AUDIENCE - {Step.MFA}


@pytest.mark.parametrize(
    ("kind", "step", "word", "untried"),
    [
        (FaultKind.CUT_BEFORE, Step.CONNECTION, "network", AFTER_CONNECTION),
        (FaultKind.PLAIN_TEXT, Step.CONNECTION, "partner.base_url", AFTER_CONNECTION),
        (FaultKind.MALFORMED, Step.CONNECTION, "proxy", AFTER_CONNECTION),
        (FaultKind.STATUS, Step.CONNECTION, "Partner Center failed", AFTER_CONNECTION),
        (FaultKind.TOKEN_EXPIRED, Step.AUDIENCE, "new token", AFTER_AUDIENCE),
        (FaultKind.AUDIENCE_REFUSED, Step.AUDIENCE, "graph.windows.net", AFTER_AUDIENCE),
        (FaultKind.MFA_MISSING, Step.MFA, "sign in with MFA", AFTER_MFA),
        (FaultKind.MFA_PLAIN_TEXT, Step.MFA, "sign in with MFA", AFTER_MFA),
    ],
)
async def test_the_first_call_fails_a_step_and_the_rest_do_not_run(
    subject: CheckedGateway, kind: FaultKind, step: Step, word: str, untried: set[Step]
) -> None:
    report = await subject.fault("list_customers", kind)
    assert of_outcome(report, Outcome.FAILED) == {step}
    assert of_outcome(report, Outcome.NOT_TRIED) == untried
    assert word in by_step(report)[step].remedy
    assert not report.is_healthy
    assert len(subject.sandbox.calls) == 1


@pytest.mark.parametrize(
    ("operation", "step", "untried"),
    [
        ("list_customers", Step.CUSTOMERS, {Step.SUBSCRIPTIONS, Step.UPGRADES}),
        ("list_subscriptions", Step.SUBSCRIPTIONS, {Step.UPGRADES}),
        ("list_upgrades", Step.UPGRADES, set()),
    ],
)
async def test_a_missing_role_is_found_at_the_list_that_needs_it(
    subject: CheckedGateway, operation: str, step: Step, untried: set[Step]
) -> None:
    report = await subject.fault(operation, FaultKind.STATUS, status=403, code=900308)
    assert of_outcome(report, Outcome.FAILED) == {step}
    assert of_outcome(report, Outcome.NOT_TRIED) == untried
    finding = by_step(report)[step]
    assert "(code 900308)" in finding.detail
    assert "GDAP" in finding.remedy


async def test_an_application_without_a_user_reads_but_lacks_the_user(
    subject: CheckedGateway,
) -> None:
    report = await subject.fault("get_provisioning_status", FaultKind.APP_ONLY_REFUSED)
    assert of_outcome(report, Outcome.FAILED) == {Step.USER_CONTEXT}
    assert of_outcome(report, Outcome.NOT_TRIED) == set()
    assert "app_user" in by_step(report)[Step.USER_CONTEXT].remedy


async def test_a_throttled_call_is_reported_with_its_delay(subject: CheckedGateway) -> None:
    report = await subject.fault("list_upgrades", FaultKind.THROTTLED, seconds=57)
    assert of_outcome(report, Outcome.FAILED) == {Step.UPGRADES, Step.THROTTLE}
    assert "57 s" in by_step(report)[Step.THROTTLE].detail


async def test_a_list_that_cannot_be_read_fails_its_step(subject: CheckedGateway) -> None:
    report = await subject.fault("list_subscriptions", FaultKind.TRUNCATED_JSON)
    assert of_outcome(report, Outcome.FAILED) == {Step.SUBSCRIPTIONS}


async def test_a_refused_token_request_leaves_nothing_to_try(subject: CheckedGateway) -> None:
    report = await subject.fault("token", FaultKind.TOKEN_ERROR)
    assert of_outcome(report, Outcome.FAILED) == {Step.TOKEN}
    assert of_outcome(report, Outcome.PASSED) == {Step.SETTINGS}
    assert by_step(report)[Step.CONNECTION].detail == "needs: token"


async def test_an_unreachable_sandbox_is_reported_with_how_to_start_one(
    subject: CheckedGateway,
) -> None:
    report = await subject.report(base_url="http://127.0.0.1:1")
    assert of_outcome(report, Outcome.FAILED) == {Step.TOKEN}
    assert "upgrade-gateway sandbox" in by_step(report)[Step.TOKEN].remedy


async def test_a_vendor_that_quotes_the_token_back_does_not_spread_it(
    subject: CheckedGateway,
) -> None:
    token = "opaque-token-value"
    fault = Fault(FaultKind.PLAIN_TEXT, status=403, text=f"token {token} is no good")
    subject.sandbox.faults.add(fault)
    report = await subject.report(auth="static", token=token)
    assert MASK in by_step(report)[Step.CUSTOMERS].detail
    assert token not in str(report.as_json())


async def test_a_callers_token_is_needed_where_callers_bring_their_own(
    subject: CheckedGateway,
) -> None:
    report = await subject.report(auth="passthrough")
    assert of_outcome(report, Outcome.NOT_TRIED) == set(OF_PARTNER) - {Step.SETTINGS}
    assert "--token-file" in by_step(report)[Step.TOKEN].detail
    assert report.is_healthy
    report = await subject.report(auth="passthrough", caller="sandbox")
    assert of_outcome(report, Outcome.PASSED) == set(OF_PARTNER)


async def test_the_given_customer_is_read(subject: CheckedGateway) -> None:
    foreign = subject.sandbox.world.examples.foreign_customer_id
    report = await subject.report(customer_id=foreign)
    assert of_outcome(report, Outcome.FAILED) == {Step.SUBSCRIPTIONS}
    assert "relationship" in by_step(report)[Step.SUBSCRIPTIONS].remedy


async def test_an_invalid_customer_id_is_reported_without_a_call(
    subject: CheckedGateway,
) -> None:
    report = await subject.report(customer_id="..")
    assert of_outcome(report, Outcome.FAILED) == {Step.USER_CONTEXT, Step.SUBSCRIPTIONS}
    assert "'..' is not an identifier" in by_step(report)[Step.SUBSCRIPTIONS].detail


async def test_a_refresh_token_file_that_is_not_there_is_named(
    subject: CheckedGateway, tmp_path: Path
) -> None:
    file = tmp_path / "refresh-token"
    report = await subject.report(auth="app_user", refresh_token_file=file, **SETTINGS)
    finding = by_step(report)[Step.TOKEN]
    assert finding.outcome is Outcome.FAILED
    assert str(file) in finding.detail
    assert "Create it" in finding.detail
    assert finding.remedy == "", "the source of the tokens has said it"


def partner_with(customers: list[str]) -> Starlette:
    """A Partner Center whose customers have no subscriptions."""

    async def response(request: Request) -> Response:
        items = customers if request.url.path == "/v1/customers" else []
        return JSONResponse({"items": [{"id": each} for each in items]})

    return Starlette(routes=[Route("/{path:path}", response)])


@pytest.mark.parametrize(
    ("customers", "untried"),
    [([], {Step.SUBSCRIPTIONS, Step.UPGRADES}), (["c1"], {Step.UPGRADES})],
    ids=["no customer", "no subscription"],
)
async def test_where_nothing_is_there_to_read_nothing_failed(
    subject: CheckedGateway, customers: list[str], untried: set[Step]
) -> None:
    async with serving(partner_with(customers)) as url:
        report = await subject.report(base_url=url, auth="static", token="token")
    assert of_outcome(report, Outcome.NOT_TRIED) == untried
    assert len(of_outcome(report, Outcome.WARNING)) == 1
    assert report.is_healthy
