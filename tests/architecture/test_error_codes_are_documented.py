from pathlib import Path

from gateway.cli.error_codes import render_error_codes
from gateway.edge.error_codes import CODES, MEANINGS

PAGE = Path(__file__).parents[2] / "docs/errors.md"


def test_the_page_of_error_codes_is_as_the_code_has_them() -> None:
    expected = "`upgrade-gateway schema errors > docs/errors.md` makes it"
    assert PAGE.read_text(encoding="utf-8") == render_error_codes(), expected


def test_every_top_level_code_has_a_meaning() -> None:
    assert set(MEANINGS) == {*CODES.values(), "INTERNAL"}
