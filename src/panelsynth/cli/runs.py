"""Runs: saved panels from files and folders, each tool once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..comparison import Comparison
from ..documents import is_folder, list_folder
from ..errors import InputError
from ..panel import Panel
from ..saving import load_lines, load_saved


def load_run(paths: Iterable[Path]) -> list[Panel]:
    """Load the panels of a run from `.panel.json` files, comparisons, JSONL and folders of such.

    A tool that stands on several pages with one and the same panel is one panel.

    Raises:
        InputError: there is nothing to load, a file is no saved result, or a tool has two different panels.
    """
    found: dict[str, tuple[Panel, Path]] = {}
    for path in paths:
        for panel, place in _panels(path):
            other = found.setdefault(panel.tool.id, (panel, place))
            if other[0] != panel:
                remedy = "A run holds one panel for each tool: name the files of one run, or take one of the two out."
                raise InputError(f"{place}: another panel of {panel.tool.id!r} stands in {other[1]}", remedy=remedy)
    return [panel for panel, _ in found.values()]


def _panels(path: Path) -> Iterator[tuple[Panel, Path]]:
    if is_folder(path):
        files = list_folder(path, {".json", ".jsonl"})
        if not files:
            raise InputError(f"{path}: no saved panels in this folder", remedy="Looked for *.json and *.jsonl.")
        for file in files:
            yield from _panels(file)
        return
    saved = load_lines(path) if path.suffix.lower() == ".jsonl" else [load_saved(path)]
    if not saved:
        raise InputError(f"{path}: holds no panels", remedy="Is this the file that 'panelsynth review' wrote?")
    for one in saved:
        yield from ((panel, path) for panel in (one.panels if isinstance(one, Comparison) else (one,)))
