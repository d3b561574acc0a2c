"""Results: rounds of a measure become a figure, figures become the tables of `RESULTS.md`; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One thing measured, once in each round."""

    name: str
    rounds: tuple[float, ...]
    unit: str = ""
    target: float | None = None
    """The most that it may be; None where it is only shown."""

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def noise(self) -> float:
        """How far the rounds lie apart: highest less lowest."""
        return max(self.rounds) - min(self.rounds)

    @property
    def verdict(self) -> str:
        """Whether the target was kept; nobody can tell where the rounds lie further apart than median and target."""
        if self.target is None:
            return "—"
        if len(self.rounds) < 3:
            return "too few rounds to tell"
        if self.noise > abs(self.target - self.middle):
            return "meaningless: noise"
        return "kept" if self.middle <= self.target else "**missed**"

    @property
    def cells(self) -> list[str]:
        """The figure as a row of its table."""
        most = "—" if self.target is None else f"{number(self.target)}{self.unit}"
        reach = f"{number(min(self.rounds))} to {number(max(self.rounds))}"
        return [self.name, f"{number(self.middle)}{self.unit}", reach, most, self.verdict]


def ratio(name: str, part: Sequence[float], whole: Sequence[float], target: float | None = None) -> Figure:
    """Set one measure against another, round by round, so that what slows a round down is in both."""
    return Figure(name, tuple(a / b for a, b in zip(part, whole, strict=True)), "x", target)


def number(value: float) -> str:
    """Write a number with three digits that count, and no more than two places.

    Example:
        >>> number(0.4519), number(12.34), number(1234.5)
        ('0.45', '12.3', '1,234')
    """
    return f"{value:,.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write rows as a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def figures(rows: Sequence[Figure]) -> str:
    """Write figures as a table with their targets."""
    return table(["what", "median", "rounds", "at most", ""], [row.cells for row in rows])


def contest(measured: Mapping[str, tuple[float, ...]], against: str) -> str:
    """Write contenders' CPU per review as a table, cheapest first, each set against one of them."""
    rows = []
    for name in sorted(measured, key=lambda name: median(measured[name])):
        its, ours = Figure(name, measured[name]), ratio(name, measured[name], measured[against])
        alike = name != against and abs(ours.middle - 1) < ours.noise
        told = "meaningless: noise" if alike else f"{number(ours.middle)}x"
        reach = f"{number(min(its.rounds))} to {number(max(its.rounds))}"
        rows.append([name, f"{number(its.middle)} ms", reach, told])
    return table(["CPU per review", "median", "rounds", f"against {against}"], rows)
