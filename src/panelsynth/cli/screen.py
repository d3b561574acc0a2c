"""The terminal view of panels: one row per tool, one line per reviewer, who differs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..comparison import Comparison
from ..pages.plain import line
from ..panel import Panel
from ..reading import consistency, share

_COLOURS = {"ship": "green", "skip": "red", "split": "yellow", "incomplete": "yellow"}


def show_comparison(comparison: Comparison) -> None:
    """Print a comparison on stdout."""
    console = _console()
    console.print(_text(comparison.title, "bold"))
    _show(console, comparison.panels, comparison.reviewers)
    for sentence in (*comparison.reading.split, *comparison.reading.notes):
        console.print(_text(sentence))


def show_panels(panels: Sequence[Panel]) -> None:
    """Print panels that stand on their own."""
    names = [
        name
        for panel in panels
        for name in [*(v.reviewer for v in panel.verdicts), *(m.reviewer for m in panel.missing)]
    ]
    _show(_console(), panels, tuple(dict.fromkeys(names)))


def _console() -> Console:
    # A pipe gets long lines whole: only a terminal has an edge.
    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 1_000)


def _show(console: Console, panels: Sequence[Panel], reviewers: Sequence[str]) -> None:
    console.print()
    table = _table(panels)
    wanted = console.measure(table, options=console.options.update(width=10_000)).maximum
    if wanted <= console.width:
        console.print(table)
    else:
        _stack(console, panels)
    console.print()
    lines = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for reviewer in reviewers:
        lines.add_row(_text(reviewer, "bold"), _text("; ".join(_vote(panel, reviewer) for panel in panels)))
    console.print(lines)
    console.print()


def _table(panels: Sequence[Panel]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Tool", "Verdict", "Panel", "Split", "Entry", "Community"):
        table.add_column(Text(heading, style="dim"), no_wrap=True)
    for panel in panels:
        name, entry = _text(panel.tool.name, "bold"), _text(panel.entry)
        table.add_row(name, _verdict(panel), share(panel), panel.tally.text, entry, panel.community.text)
    return table


def _stack(console: Console, panels: Sequence[Panel]) -> None:
    """Say the same line by line, where a table would not fit."""
    for panel in panels:
        console.print(_text(panel.tool.name, "bold"))
        console.print(Text.assemble("  ", _verdict(panel), f" · {share(panel)}"))
        console.print(Text(f"  {panel.tally.text}"))
        console.print(Text("  ") + _text(f"entry {panel.entry} · community {panel.community.text}"))


def _text(text: str, style: str = "") -> Text:
    """Show anybody's words as words: no escape in them reaches the terminal."""
    return Text(line(text), style=style)


def _verdict(panel: Panel) -> Text:
    return Text(panel.tally.label.capitalize(), style=_COLOURS[panel.tally.label])


def _vote(panel: Panel, reviewer: str) -> str:
    """Write one reviewer's outcome on one tool: the decision, or why there is none."""
    if verdict := panel.verdict_of(reviewer):
        said = consistency(verdict)
        return f"{verdict.decision} {panel.tool.name}{f' ({said})' if said else ''}"
    gap = next((m for m in panel.missing if m.reviewer == reviewer), None)
    return f"{gap.state} on {panel.tool.name} ({gap.cause})" if gap else f"not asked about {panel.tool.name}"
