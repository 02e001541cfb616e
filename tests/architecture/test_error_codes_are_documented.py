import re
from collections.abc import Iterable
from pathlib import Path

from gateway.cli.error_codes import RECORDED_CODES, UNRECORDED_CODES, render_error_codes
from gateway.edge.error_codes import CODES, MEANINGS
from schema.user_errors import UserErrorCode

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/errors.md"


def test_the_page_of_error_codes_is_as_the_code_has_them() -> None:
    expected = "`upgrade-gateway schema errors > docs/errors.md` makes it"
    assert PAGE.read_text(encoding="utf-8") == render_error_codes(), expected


def test_every_top_level_code_has_a_meaning() -> None:
    assert set(MEANINGS) == {*CODES.values(), "INTERNAL"}


def test_the_page_says_which_codes_a_recorded_operation_can_have() -> None:
    operations = _find_codes((ROOT / "gateway/operations").rglob("*.py"))
    resolvers = _find_codes((ROOT / "resolvers").rglob("*.py"))
    # Operations and previews share the families' checks, except those of preview tokens.
    families = _find_codes((ROOT / "gateway/families").rglob("*.py"))
    of_preview_tokens = {UserErrorCode.PREVIEW_EXPIRED, UserErrorCode.PREVIEW_CHANGED}

    assert operations - resolvers - families | of_preview_tokens == RECORDED_CODES
    assert resolvers - operations - families == UNRECORDED_CODES


def _find_codes(files: Iterable[Path]) -> set[UserErrorCode]:
    names = (re.findall(r"UserErrorCode\.([A-Z_]+)", file.read_text("utf-8")) for file in files)
    return {UserErrorCode[name] for found in names for name in found}
