import json

from gateway.doctor.findings import Outcome, Step, report_invalid_settings


def test_wrong_settings_leave_nothing_to_try() -> None:
    report = report_invalid_settings("partner.auth is 'ap'")
    assert [finding.step for finding in report.findings] == list(Step)
    assert report.findings[0].outcome is Outcome.FAILED
    assert {finding.outcome for finding in report.findings[1:]} == {Outcome.NOT_TRIED}
    assert not report.is_healthy


def test_a_report_for_programs_holds_every_finding() -> None:
    content = json.loads(json.dumps(report_invalid_settings("wrong").as_json()))
    assert content["healthy"] is False
    assert content["findings"][0] == {
        "step": "settings",
        "outcome": "FAILED",
        "detail": "wrong",
        "remedy": "Correct them. docs/settings.md lists all settings.",
    }
