from pathlib import Path

import pytest

from gateway.settings import Settings, SettingsError, load_settings
from gateway.settings.names import PREFIX, RENAMED, setting_fields

OLD_VARIABLE = f"{PREFIX}OPERATIONS__TRUST_S"
NEW_VARIABLE = f"{PREFIX}OPERATIONS__IDEMPOTENCY_WINDOW_S"


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


@pytest.mark.parametrize(("old", "new"), RENAMED.items(), ids=lambda path: path[1])
def test_an_old_name_sets_the_new_one_and_is_warned_of(
    toml: Path, old: tuple[str, str], new: tuple[str, str]
) -> None:
    section, name = old
    toml.write_text(f"[{section}]\n{name} = 7\n")
    variable = f"{PREFIX}{section}__{name}".upper()
    for environ, file, written in (
        ({variable: "7"}, None, variable),
        ({variable.lower(): "7"}, None, variable.lower()),
        ({}, toml, ".".join(old)),
    ):
        warnings: list[str] = []
        settings = load_settings(environ, file, warn=warnings.append)
        assert getattr(settings.operations, new[1]) == 7
        (warning,) = warnings
        assert warning.startswith(f"{written} is the old name of ")
        assert new[1] in warning.lower()


def test_every_new_name_is_a_setting_and_no_old_one_is() -> None:
    known = {path for path, _ in setting_fields()}
    assert known.issuperset(RENAMED.values())
    assert known.isdisjoint(RENAMED)


@pytest.mark.parametrize("old_in_file", [True, False])
@pytest.mark.parametrize("new_in_file", [True, False])
def test_old_and_new_name_together_are_an_error(
    toml: Path, old_in_file: bool, new_in_file: bool
) -> None:
    lines = ["[operations]"]
    environ = {}
    if old_in_file:
        lines.append("trust_s = 7")
    else:
        environ[OLD_VARIABLE] = "7"
    if new_in_file:
        lines.append("idempotency_window_s = 7")
    else:
        environ[NEW_VARIABLE] = "7"
    toml.write_text("\n".join(lines))
    with pytest.raises(SettingsError, match="are both set") as raised:
        load_settings(environ, toml)
    (line,) = str(raised.value).splitlines()
    assert ("operations.trust_s" if old_in_file else OLD_VARIABLE) in line


def test_a_wrong_value_is_named_by_the_old_name_that_was_written(toml: Path) -> None:
    toml.write_text('[operations]\ntrust_s = "long"\n')
    with pytest.raises(SettingsError, match=r"^operations\.trust_s is 'long'"):
        load_settings({}, toml)
    with pytest.raises(SettingsError, match=f"^{OLD_VARIABLE} is 'long'"):
        load_settings({OLD_VARIABLE: "long"})


def test_new_names_warn_of_nothing() -> None:
    warnings: list[str] = []
    load_settings({NEW_VARIABLE: "7"}, warn=warnings.append)
    assert warnings == []


@pytest.mark.parametrize("name", ["URL", "TOKEN"])
def test_variables_of_the_client_are_not_settings(name: str) -> None:
    assert load_settings({f"{PREFIX}{name}": "anything"}) == Settings()
