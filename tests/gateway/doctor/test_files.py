"""The doctor's findings about the files that settings name."""

from pathlib import Path

import pytest

from gateway.auth.api_keys import format_key, format_key_entry
from gateway.doctor.files import check_files
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.settings import Settings

KEYS = format_key_entry("a", format_key("a", bytes(32)), ["upgrades:read"], ["*"])
DOCUMENTS = '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": []}'
# The step, the section of the settings and the name of the file in it.
FILES = [
    (Step.KEYS_FILE, "auth", "keys_file"),
    (Step.CUSTOMERS_FILE, "auth", "customers_file"),
    (Step.LIMITS_FILE, "limits", "file"),
    (Step.POLICY_FILE, "guards", "file"),
    (Step.DOCUMENTS_FILE, "persisted", "file"),
]
IDS = [step.value for step, _, _ in FILES]


def found(section: str, name: str, file: Path) -> Finding:
    """Examine settings with one file; how callers prove who they are is what it needs."""
    issued = {"mode": "jwt", "issuer": "https://issuer.test", "audience": "a"}
    of_callers = {"keys_file": {"mode": "keys"}, "customers_file": issued}
    given = {section: {name: file, **of_callers.get(name, {})}}
    (finding,) = check_files(Settings.model_validate(given))
    return finding


def test_without_files_there_is_nothing_to_say() -> None:
    assert check_files(Settings()) == []


@pytest.mark.parametrize(("step", "section", "name"), FILES, ids=IDS)
def test_a_missing_file_is_reported_with_a_remedy(
    tmp_path: Path, step: Step, section: str, name: str
) -> None:
    finding = found(section, name, tmp_path / "file.json")
    assert (finding.step, finding.outcome) == (step, Outcome.FAILED)
    assert "file.json' cannot be read (No such file" in finding.detail
    assert finding.remedy.startswith("Correct its path or permissions. ")


@pytest.mark.parametrize(
    ("caller", "outcome", "message"),
    [
        ("key:a", Outcome.PASSED, "read"),
        ("key:b", Outcome.WARNING, "restricts 'b'; "),
        ("a", Outcome.FAILED, "did you mean 'key:a'?"),
    ],
)
def test_a_policy_for_a_key_that_does_not_exist_is_warned_of(
    tmp_path: Path, caller: str, outcome: Outcome, message: str
) -> None:
    keys, policy = tmp_path / "keys.toml", tmp_path / "policy.toml"
    keys.write_text(KEYS)
    policy.write_text(f'[callers."{caller}"]\nwrites = false')
    given = {"auth": {"mode": "keys", "keys_file": keys}, "guards": {"file": policy}}
    _, finding = check_files(Settings.model_validate(given))
    assert (finding.step, finding.outcome) == (Step.POLICY_FILE, outcome)
    assert message in finding.detail


@pytest.mark.parametrize(
    ("section", "name", "right", "wrong", "message"),
    [
        ("auth", "keys_file", KEYS, "[keys", "file.json': "),
        ("auth", "customers_file", "[customers]", "[customers", "file.json': "),
        ("limits", "file", "max_depth = 5", "max_depth = 0", "max_depth: Input should be greater"),
        ("guards", "file", "writes = false", "writes = 5", "writes: Input should be"),
        ("persisted", "file", DOCUMENTS, "[]", "is neither a manifest"),
    ],
    ids=IDS,
)
def test_a_file_is_read_as_the_gateway_will(
    tmp_path: Path, section: str, name: str, right: str, wrong: str, message: str
) -> None:
    file = tmp_path / "file.json"
    file.write_text(right, "utf-8")
    assert found(section, name, file).outcome is Outcome.PASSED
    file.write_text(right, "utf-8-sig")
    assert found(section, name, file).outcome is Outcome.PASSED
    file.write_text(wrong, "utf-8")
    finding = found(section, name, file)
    assert (finding.outcome, message in finding.detail) == (Outcome.FAILED, True)
    assert finding.detail.count("file.json") == 1
