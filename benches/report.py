"""What a bench found, as a table for people, a table for Markdown and JSON."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Figure = str | float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A title and rows with the same columns; the first column names the row."""

    title: str
    rows: Sequence[Mapping[str, Figure]]

    def __str__(self) -> str:
        """Columns as wide as they need to be, numbers to the right."""
        lines = self._lines()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join([self.title, *(_padded(line, widths) for line in lines)])

    @property
    def markdown(self) -> str:
        """The same as a table in Markdown."""
        head, *rows = self._lines()
        rule = ["---", *("--:" for _ in head[1:])]
        return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rows))

    def _lines(self) -> list[list[str]]:
        columns = list(self.rows[0])
        return [columns, *([_written(row[name]) for name in columns] for row in self.rows)]


def _written(figure: Figure) -> str:
    """Print a number with three digits that tell something."""
    if figure is None:
        return "-"
    if isinstance(figure, str):
        return figure
    return f"{figure:,.0f}" if abs(figure) >= 100 or figure == int(figure) else f"{figure:.3g}"


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        (text.ljust if not place else text.rjust)(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def options(description: str | None) -> argparse.ArgumentParser:
    """Begin the command line that all benches share."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--markdown", action="store_true", help="print a table in Markdown")
    return parser


def publish(reports: Sequence[Report], told: argparse.Namespace) -> None:
    """Print the tables and write the JSON, as the command line says."""
    for report in reports:
        print(report.markdown if told.markdown else report, end="\n\n")
    if told.json is not None:
        told.json.write_text(json.dumps([asdict(report) for report in reports], indent=1))
