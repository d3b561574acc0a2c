"""Votes: `votes.csv`, the community's votes as a spreadsheet exports them."""

from __future__ import annotations

import csv
from pathlib import Path

from ..documents import Document, Tree, read_text
from ..errors import DocumentError
from ..tool import Votes

COLUMNS = ("tool", "ship", "skip", "as_of")


def read_votes(path: Path) -> dict[str, Votes]:
    """Read votes by tool id; a file that is not there holds none.

    Raises:
        DocumentError: a column is missing or unknown, a row is broken, or a tool stands there twice.
    """
    if not path.exists():
        return {}
    rows = csv.reader(read_text(path).split("\n"), strict=True)
    found: dict[str, Votes] = {}
    try:
        head = [name.strip() for name in next(rows, [])]
        if sorted(head) != sorted(COLUMNS):
            message = f"the first line should be {','.join(COLUMNS)}, found {','.join(head)[:80]!r}"
            raise DocumentError(message, source=str(path), line=1, remedy="Give each column its name.")
        for row in rows:
            if any(cell.strip() for cell in row):
                tool, votes = _row(dict(zip(head, row, strict=False)), row, head, f"{path}", rows.line_num)
                if tool in found:
                    remedy = "Take one of the two rows out."
                    raise DocumentError(
                        "stands there twice", source=str(path), line=rows.line_num, key=tool, remedy=remedy
                    )
                found[tool] = votes
    except csv.Error as exc:
        remedy = "Export it again as plain CSV, with commas."
        raise DocumentError(f"is no CSV: {exc}", source=str(path), line=rows.line_num, remedy=remedy) from exc
    return found


def _row(cells: dict[str, str], row: list[str], head: list[str], source: str, line: int) -> tuple[str, Votes]:
    if len(row) != len(head):
        message = f"has {len(row)} cells, and there are {len(head)} columns"
        raise DocumentError(message, source=source, line=line, remedy="Quote a cell that holds a comma.")
    data: dict[str, Tree] = {name: cells[name].strip() or None for name in COLUMNS if name != "tool"}
    lines: dict[tuple[str | int, ...], int] = {(name,): line for name in COLUMNS}
    return cells["tool"].strip(), Document(source, data, lines).validate(Votes)
