"""The figures of a bench as a text table, a Markdown table and JSON."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Figure = str | float | None


@dataclass(frozen=True, slots=True)
class BenchReport:
    """A title and rows with the same columns; the first column names the row."""

    title: str
    rows: Sequence[Mapping[str, Figure]]

    def __str__(self) -> str:
        """Format as a text table with numbers aligned to the right."""
        lines = self._lines()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join([self.title, *(_pad(line, widths) for line in lines)])

    @property
    def markdown(self) -> str:
        head, *rows = self._lines()
        rule = ["---", *("--:" for _ in head[1:])]
        return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rows))

    def _lines(self) -> list[list[str]]:
        columns = list(self.rows[0])
        return [columns, *([_format(row[name]) for name in columns] for row in self.rows)]


def _format(figure: Figure) -> str:
    """Format a number with three significant digits."""
    if figure is None:
        return "-"
    if isinstance(figure, str):
        return figure
    return f"{figure:,.0f}" if abs(figure) >= 100 or figure == int(figure) else f"{figure:.3g}"


def _pad(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        (text.ljust if not place else text.rjust)(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def build_parser(description: str | None) -> argparse.ArgumentParser:
    """Build a parser with the options that all benches share."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write the figures to this file"
    )
    parser.add_argument("--markdown", action="store_true", help="print a table in Markdown")
    return parser


def publish(reports: Sequence[BenchReport], args: argparse.Namespace) -> None:
    """Print the tables and write the JSON file, as the arguments say."""
    for report in reports:
        print(report.markdown if args.markdown else report, end="\n\n")
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(report) for report in reports], indent=1))
