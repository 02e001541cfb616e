from dataclasses import replace

import pytest

from gateway.doctor import evaluate
from gateway.doctor.findings import Outcome, Step
from gateway.doctor.probe import ProbeResult
from gateway.upstream import errors
from gateway.upstream.errors import Throttled, UpstreamError
from gateway.upstream.transport.base import Headers, UpstreamResponse

NOON = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


def probe_result(**headers: str) -> ProbeResult:
    return ProbeResult(UpstreamResponse(200, Headers(list(headers.items())), b"{}"))


def refused(error: UpstreamError) -> ProbeResult:
    return ProbeResult(UpstreamResponse(error.status or 500, Headers([]), b""), error)


@pytest.mark.parametrize(
    ("error", "is_sandbox", "remedy"),
    [
        (errors.Unauthorized("consent again"), False, ""),
        (errors.Unavailable("down"), True, "Start a sandbox with 'upgrade-gateway sandbox'"),
        (errors.Unavailable("down"), False, "partner.cloud"),
        (errors.TimedOut("slow"), True, "network"),
    ],
)
def test_the_reason_for_a_missing_token_is_reported_once(
    error: UpstreamError, is_sandbox: bool, remedy: str
) -> None:
    finding = evaluate.token(error, is_sandbox=is_sandbox)
    assert (finding.outcome, finding.detail) == (Outcome.FAILED, str(error))
    assert remedy in finding.remedy
    assert bool(finding.remedy) is bool(remedy)


@pytest.mark.parametrize(
    "error",
    [
        errors.Unavailable("down"),
        errors.TimedOut("slow"),
        errors.InvalidResponse("a web page"),
        Throttled.for_delay("too many", 5),
    ],
)
def test_without_a_usable_response_there_is_no_connection(error: UpstreamError) -> None:
    finding = evaluate.connection(ProbeResult(error=error))
    assert (finding.outcome, finding.detail) == (Outcome.FAILED, str(error))
    assert finding.remedy


def test_a_refusal_shows_that_there_is_a_connection() -> None:
    assert evaluate.connection(refused(errors.UpstreamForbidden("no"))).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ("true", Outcome.PASSED),
        ("True ", Outcome.PASSED),
        ("false", Outcome.WARNING),
        ("", Outcome.PASSED),
    ],
)
def test_the_response_has_the_mfa_claim(claim: str, outcome: Outcome) -> None:
    assert evaluate.mfa(probe_result(isMfaCompliant=claim)).outcome is outcome


def test_a_token_rejected_for_another_reason_is_not_an_mfa_finding() -> None:
    assert evaluate.mfa(ProbeResult(error=errors.UpstreamForbidden("no"))).outcome is Outcome.PASSED


@pytest.mark.parametrize("text", ["Authentication failed. MFA required. (10001)"])
def test_the_plain_text_of_2020_is_known(text: str) -> None:
    reply = refused(errors.Unauthorized(text, status=401))
    assert evaluate.audience(reply).outcome is Outcome.PASSED
    finding = evaluate.mfa(reply)
    assert finding.outcome is Outcome.FAILED
    assert "sign in with MFA" in finding.remedy


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refused_input_shows_that_a_user_is_there(status: int) -> None:
    reply = refused(UpstreamError("not there", status=status, upstream_code="20003"))
    assert evaluate.user_context(reply, is_application=False).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("is_application", "outcome"), [(True, Outcome.WARNING), (False, Outcome.FAILED)]
)
def test_an_application_that_is_meant_to_have_no_user_is_only_warned(
    is_application: bool, outcome: Outcome
) -> None:
    reply = refused(errors.UpstreamForbidden("no", status=403, upstream_code="900329"))
    finding = evaluate.user_context(reply, is_application=is_application)
    assert finding.outcome is outcome
    assert "app_user" in finding.remedy


def test_an_outage_is_not_a_finding_about_the_user() -> None:
    reply = refused(errors.Unavailable("down", status=503))
    assert evaluate.user_context(reply, is_application=False).outcome is Outcome.FAILED


def test_an_empty_list_is_worth_a_warning() -> None:
    finding = evaluate.listing(Step.CUSTOMERS, probe_result(), 0, "customers")
    assert (finding.outcome, finding.detail) == (
        Outcome.WARNING,
        "Partner Center returned an empty list of customers",
    )


@pytest.mark.parametrize(
    ("ahead_s", "outcome", "words"),
    [
        (0, Outcome.PASSED, "within 30 s"),
        (-29, Outcome.PASSED, "within 30 s"),
        (31, Outcome.WARNING, "31 s ahead of"),
        (-300, Outcome.WARNING, "300 s behind"),
        (301, Outcome.FAILED, "301 s ahead of"),
        (-86_400, Outcome.FAILED, "86400 s behind"),
    ],
)
def test_tokens_break_when_the_clock_is_five_minutes_off(
    ahead_s: float, outcome: Outcome, words: str
) -> None:
    finding = evaluate.clock(replace(probe_result(Date=DATE), received_s=NOON + ahead_s))
    assert finding.outcome is outcome
    assert words in finding.detail
    assert ("NTP" in finding.remedy) is (outcome is not Outcome.PASSED)


@pytest.mark.parametrize("reply", [probe_result(), probe_result(Date="soon"), ProbeResult()])
def test_a_response_without_a_date_gives_a_warning(reply: ProbeResult) -> None:
    assert evaluate.clock(replace(reply, received_s=NOON)).outcome is Outcome.WARNING


def test_the_longest_delay_of_rate_limited_calls_is_reported() -> None:
    refusals = [ProbeResult(error=Throttled.for_delay("too many", wait_s)) for wait_s in (5, 57)]
    finding = evaluate.throttle([probe_result(), *refusals])
    assert finding.outcome is Outcome.FAILED
    assert finding.detail == "2 of 3 calls were rate limited; retry in 57 s"
