from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.operations.policy.policy_file import PolicyUnreadable, PurchasePolicyFile
from gateway.settings import AuthSettings, PartnerSettings
from gateway.settings.principals import PrincipalForms

FORMS = PrincipalForms(AuthSettings(mode="keys", keys_file=Path("keys.toml")), PartnerSettings())


def test_a_change_is_read_by_the_next_access(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("writes = true")
    file = PurchasePolicyFile(path, FORMS)
    assert file.current().writes
    path.write_text("writes = false")
    assert not file.current().writes
    assert file.current() is file.current()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("writes = ", "Invalid value"),
        ("writers = true", "writers: Extra inputs"),
        ("seats_per_hour = -1", "seats_per_hour: Input should be greater"),
        ('upgrade_types = ["ALL"]', "upgrade_types.0: Input should be 'UPGRADE_ONLY'"),
        ('[callers."key:me"]\nwrites = "perhaps"', "callers.key:me.writes"),
        ('[callers."billing"]\nwrites = false', "did you mean 'key:billing'?"),
        ('[callers."sandbox"]\nwrites = false', "no caller has the principal 'sandbox'"),
        ('[customers."x"]\nwrites = false', "no customer has the id 'x'; expected a tenant id"),
    ],
)
def test_the_error_of_an_invalid_file_names_the_problem(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyUnreadable, match=message):
        PurchasePolicyFile(path, FORMS).current()


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("seats_per_hour = 7", "utf-8-sig")
    assert PurchasePolicyFile(path, FORMS).current().seats_per_hour == 7


def test_an_unreadable_file_is_logged_once_and_can_be_corrected(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    file = PurchasePolicyFile(path, FORMS)
    with capture_logs() as logged:
        for _ in range(3):
            with pytest.raises(PolicyUnreadable, match="No such file"):
                file.current()
        path.write_text("seats_per_hour = 5")
        assert file.current().seats_per_hour == 5
    assert [each["log_level"] for each in logged] == ["error", "info"]
