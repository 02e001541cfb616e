from pathlib import Path

from gateway.settings.docs_table import render_markdown

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_committed_page_is_the_table_of_settings() -> None:
    how = "run `upgrade-gateway settings --markdown > docs/settings.md`"
    assert PAGE.read_text("utf-8") == render_markdown() + "\n", how
