import re

import pytest

from gateway.settings import SettingsError, load_settings
from gateway.settings.docs_table import render_markdown, render_text, setting_rows


def test_a_row_has_kind_bounds_default_and_help() -> None:
    by_name = {row.name: row for row in setting_rows()}
    port = by_name["sandbox.port"]
    assert port.variable == "UPGRADE_GATEWAY_SANDBOX__PORT"
    assert port.kind == "whole number, at least 0, at most 65535"
    assert port.default == "8001"
    assert by_name["limits.deadline_s"].kind == "number, more than 0"
    assert by_name["partner.cloud"].kind == "global, us_gov, china"
    assert by_name["partner.refresh_token_file"].kind == "path"
    assert by_name["throttle.customer_reads_per_minute"].kind == "whole number, at least 1"
    assert by_name["host"].kind == "text"
    policy = by_name["persisted.policy"]
    assert policy.kind == "open, mutations-registered, registered"
    assert by_name["auth.client_as_audience"].kind == "true or false"


def test_secrets_are_marked_and_have_no_default() -> None:
    secrets = [row for row in setting_rows() if row.kind == "secret text"]
    names = ["partner.token", "partner.client_secret", "partner.proxy"]
    assert [row.name for row in secrets] == names
    assert {row.default for row in secrets} == {"not set"}


def test_every_setting_is_explained_in_both_forms() -> None:
    markdown, text = render_markdown(), render_text()
    for row in setting_rows():
        assert row.help
        assert f"| `{row.variable}` | `{row.name}` |" in markdown
        assert f"{row.variable}  (" in text
    assert "\n## partner\n" in markdown


def test_only_files_are_paths() -> None:
    paths = [row.name for row in setting_rows() if row.kind == "path"]
    assert paths
    assert [name for name in paths if not name.endswith("file")] == []


OF_A_KIND = {
    row.name: row for row in setting_rows() if row.kind not in ("text", "path", "secret text")
}


@pytest.mark.parametrize("name", OF_A_KIND)
def test_a_value_of_another_kind_than_documented_is_refused(name: str) -> None:
    row = OF_A_KIND[name]
    with pytest.raises(SettingsError, match=re.escape(row.variable)):
        load_settings({row.variable: "nonsense"})
