"""Labels: people's decisions on tools, from a `labels.csv` as a spreadsheet exports it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from ..documents import read_text
from ..errors import DocumentError
from ..verdict import Decision

COLUMNS = ("tool", "decision")
"""The columns that are needed; a third, `reviewer`, may stand anywhere among them."""


@dataclass(frozen=True)
class HumanLabel:
    """A person's decision on a tool."""

    tool: str
    """The tool's id."""
    decision: Decision
    reviewer: str = ""
    """The persona that is held against it; empty for the panel and every persona without a label of its own."""
    is_panels: bool = False
    """Whether the panel alone is held against it."""


def read_labels(path: Path) -> tuple[HumanLabel, ...]:
    """Read people's decisions.

    Raises:
        DocumentError: a column or cell is wrong, or two rows are about the same; the message names the line.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    found: dict[tuple[str, str], tuple[HumanLabel, int]] = {}
    try:
        head = [name.strip().lower() for name in next(rows, [])]
        if not {*COLUMNS} <= {*head} <= {*COLUMNS, "reviewer"} or len({*head}) < len(head):
            message = f"the first line should be tool,decision or tool,reviewer,decision, found {','.join(head)[:80]!r}"
            raise _fault(path, 1, message, remedy="Name the columns so; their order does not matter.")
        for row in rows:
            if any(cell.strip() for cell in row):
                label = _label(row, head, path, rows.line_num)
                _refuse_twice(found.get((label.tool, label.reviewer)), label, path, rows.line_num)
                found[label.tool, label.reviewer] = label, rows.line_num
    except csv.Error as exc:
        raise _fault(path, rows.line_num, f"is no CSV: {exc}", remedy="Export it again, with commas.") from exc
    if not found:
        raise _fault(path, 1, "holds no labels", remedy="Write one a line, such as: acme,ship")
    return tuple(label for label, _ in found.values())


def _label(row: list[str], head: list[str], path: Path, line: int) -> HumanLabel:
    if len(row) != len(head):
        message = f"has {len(row)} cells, and there are {len(head)} columns"
        raise _fault(path, line, message, remedy="Quote a cell that holds a comma.")
    cells = {name: cell.strip() for name, cell in zip(head, row, strict=True)}
    if not cells["tool"]:
        raise _fault(path, line, "names no tool", remedy="Write the tool's id, as in its panel file.")
    decision = cells["decision"].lower()
    if decision not in get_args(Decision):
        message = f"the decision is {cells['decision'][:40]!r}, and should be ship or skip"
        raise _fault(path, line, message, remedy="Take the line out where nobody has decided.")
    return HumanLabel(cells["tool"], cast("Decision", decision), cells.get("reviewer", ""))


def _refuse_twice(before: tuple[HumanLabel, int] | None, label: HumanLabel, path: Path, line: int) -> None:
    if before:
        what = f"{label.tool}{f' and {label.reviewer}' if label.reviewer else ''}"
        if before[0].decision == label.decision:
            raise _fault(path, line, f"{what} stands in line {before[1]} too", remedy="Take one of the two out.")
        message = f"{what} is {label.decision} here and {before[0].decision} in line {before[1]}"
        raise _fault(path, line, message, remedy="Decide for one, and take the other out: nothing is guessed.")


def _fault(path: Path, line: int, message: str, *, remedy: str) -> DocumentError:
    return DocumentError(message, source=str(path), line=line, remedy=remedy)
