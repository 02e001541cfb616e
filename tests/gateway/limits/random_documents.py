"""Random documents without a schema, with fragments in fragments and occasional cycles."""

import random

_NAMES = ("a", "b", "customers", "nodes", "__schema", "__type", "__typename")


class RandomDocuments:
    """Generates small documents, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same documents every time

    def text(self) -> str:
        """Generate a document with one to three operations and up to four fragments."""
        self._fragments = [f"F{number}" for number in range(self._random.randrange(5))]
        operations = [self._operation(n) for n in range(self._random.choice([1, 1, 1, 2, 3]))]
        fragments = [self._fragment(number) for number in range(len(self._fragments))]
        definitions = operations + fragments
        self._random.shuffle(definitions)
        return "\n".join(definitions)

    def _operation(self, number: int) -> str:
        kind = self._random.choice(["query", "mutation", "subscription"])
        variables = f"($v: Int = 1{self._directives()})" if self._chance(0.2) else ""
        body = self._selections(0, self._fragments)
        return f"{kind} O{number}{variables}{self._directives()} {body}"

    def _fragment(self, number: int) -> str:
        # Only one fragment in 50 may spread earlier ones, so that most documents have no cycle.
        reachable = self._fragments if self._chance(0.02) else self._fragments[number + 1 :]
        body = self._selections(1, reachable)
        return f"fragment F{number} on T{self._directives()} {body}"

    def _selections(self, depth: int, fragments: list[str]) -> str:
        count = self._random.choice([1, 1, 2, 3])
        return "{ " + " ".join(self._selection(depth, fragments) for _ in range(count)) + " }"

    def _selection(self, depth: int, fragments: list[str]) -> str:
        if fragments and self._chance(0.3):
            name = "Unknown" if self._chance(0.02) else self._random.choice(fragments)
            return f"...{name}{self._directives()}"
        if self._chance(0.15) and depth < 3:
            on = self._random.choice(["", " on T"])
            return f"...{on}{self._directives()} {self._selections(depth + 1, fragments)}"
        alias = f"x{self._random.randrange(3)}: " if self._chance(0.2) else ""
        below = self._selections(depth + 1, fragments) if self._chance(0.4) and depth < 3 else ""
        return f"{alias}{self._random.choice(_NAMES)}{self._arguments()}{self._directives()}{below}"

    def _arguments(self) -> str:
        return f"(x: {self._value(0)})" if self._chance(0.15) else ""

    def _value(self, depth: int) -> str:
        if depth < 3 and self._chance(0.5):
            items = [self._value(depth + 1) for _ in range(self._random.randrange(3))]
            if self._chance(0.5):
                return f"[{', '.join(items)}]"
            return "{" + ", ".join(f"m{n}: {item}" for n, item in enumerate(items)) + "}"
        return "1"

    def _directives(self) -> str:
        return " @d" * self._random.choice([0, 0, 0, 0, 1, 2])

    def _chance(self, of: float) -> bool:
        return self._random.random() < of
