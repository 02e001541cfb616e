"""Names and prose: what CONTRIBUTING asks for, as far as a test can check it."""

import ast
import builtins
import io
import re
import tokenize
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES: Final = ("gateway", "resolvers", "schema")
# The sandbox imitates Partner Center and shares no code with the client.
SANDBOX = ROOT / "gateway" / "sandbox"
MAX_MODULE_LINES = 300

# Words of former names. Each has a term in the glossary of `docs/architecture.md`.
RETIRED_NAMES: Final = {
    "asked": "requested, or executed",
    "folded": "normalized",
    "told": "reported, or formatted",
    "trouble": "blocker, or unavailable_reason",
    "untruth": "violation",
    "whoever": "caller",
    "wish": "request, order or input",
}
RETIRED_PHRASES: Final = (
    r"Source: DESIGN",
    r"[Ww]hat nobody",
    r"[Ww]hoever (asks|calls|comes|joins|knows|sends|waits|wants)\b",
    r"begin(s)? again\b",
    r"\bcomes? to be\b",
    r"\bhas come to be\b",
    r"\bmay not come\b",
)


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def names() -> list[tuple[str, str]]:
    """Every name in the packages, after its place."""
    return [
        (f"{relative(path)}:{token.start[0]}", token.string)
        for path in modules()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type == tokenize.NAME
    ]


def test_no_two_classes_have_the_same_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        if SANDBOX not in path.parents:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(f"{relative(path)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in modules()}
    assert {path: n for path, n in lengths.items() if n > MAX_MODULE_LINES} == {}


@pytest.mark.parametrize("word", RETIRED_NAMES)
def test_no_name_contains_a_retired_word(word: str) -> None:
    found = [each for each in names() if word in each[1].lower().split("_")]
    assert not found, f"use {RETIRED_NAMES[word]}"


@pytest.mark.parametrize("phrase", RETIRED_PHRASES)
def test_no_text_contains_a_retired_phrase(phrase: str) -> None:
    pattern = re.compile(phrase)
    found = [
        f"{relative(path)}:{number} {line.strip()}"
        for path in (*modules(), *documents())
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_docstrings_do_not_begin_with_of_who_or_what() -> None:
    found = [
        f"{relative(path)}: {text.splitlines()[0]}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if (text := ast.get_docstring(node))
        and re.match(r"(Of|Who|Whoever|Whose|Somebody|Nobody|What)\b", text)
    ]
    assert not found


def test_docstrings_name_exceptions_that_exist() -> None:
    known = {name for _, name in names()} | set(dir(builtins))
    class_name = r"`?([A-Z]\w*[a-z]\w*)`?"
    raised = re.compile(rf"\b[Rr]aises? {class_name}(?:,? (?:and|or) {class_name})?")
    found = [
        f"{relative(path)}: {name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for match in raised.finditer(ast.get_docstring(node) or "")
        for name in match.groups()
        if name and name not in known
    ]
    assert not found
