"""Panels and comparisons as JSON files; every number is counted again on loading."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from .comparison import Comparison
from .documents import Document, Tree, parse_json, read_lines, read_text
from .errors import InputError
from .grounding import fold, is_verbatim
from .panel import Panel
from .tool import Tool
from .writing import inert_json

_MAX_BYTES = 100_000_000
_VERSION = "schema_version"


def panel_json(panel: Panel, *, indent: int | None = 2) -> str:
    """Write a panel as the text of a `.panel.json` file, or of one line of JSONL when `indent` is None."""
    saved = {_VERSION: 1, **panel.model_dump(mode="json")}
    return inert_json(json.dumps(saved, indent=indent, ensure_ascii=False)) + "\n"


def load_saved(path: Path, *, without: Collection[str] = (), marks_anew: bool = False) -> Comparison | Panel:
    """Load a saved comparison or panel.

    Args:
        path: the file.
        without: keys at its top that are not read, such as sentences that may have been worded otherwise.
        marks_anew: whether quotes are looked up anew, where a file may be older than the way in which that is done;
            else a mark that differs is refused.

    Raises:
        InputError: the file is neither, or a number in it does not match its verdicts.
    """
    return _read(read_text(path, limit=_MAX_BYTES), str(path), without, marks_anew=marks_anew)


def load_lines(path: Path) -> Iterator[Comparison | Panel]:
    """Load a JSONL file of saved panels, as `panelsynth review -o FILE.jsonl` writes it, one after the other.

    Raises:
        InputError: as `load_saved`, with the number of the line.
    """
    return (_read(line, f"{path}:{number}") for number, line in read_lines(path, limit=_MAX_BYTES))


def _read(text: str, source: str, without: Collection[str] = (), *, marks_anew: bool = False) -> Comparison | Panel:
    data = {name: value for name, value in parse_json(text, source=source).items() if name not in without}
    if marks_anew:
        with suppress(ValidationError, LookupError, TypeError, AttributeError):  # what is broken is told below
            _mark(cast("dict[str, Any]", data))
    version = data.get(_VERSION)
    if version != 1 or type(version) is not int:
        found = f"found {json.dumps(version)[:60]}" if _VERSION in data else "there is none"
        raise InputError(
            f"{source}: schema_version should be 1, {found}", remedy="Is this a file that panelsynth wrote?"
        )
    # A Document holds texts only, but its way of telling what is wrong and where fits numbers just as well.
    if "panels" in data:
        return Document(source, cast("dict[str, Tree]", data)).validate(Comparison)
    if "tool" in data:
        panel = {name: value for name, value in data.items() if name != _VERSION}
        return Document(source, cast("dict[str, Tree]", panel)).validate(Panel)
    remedy = "A comparison holds 'panels', a panel holds 'tool' and 'verdicts'."
    raise InputError(f"{source}: holds neither a comparison nor a panel", remedy=remedy)


def _mark(data: dict[str, Any]) -> None:
    """Look the quotes of a saved comparison up in its tools' data, whatever their marks say."""
    for panel in data["panels"]:
        source = fold(Tool.model_validate(panel["tool"]).data)
        for verdict in panel["verdicts"]:
            for item in verdict["evidence"]:
                item["verbatim"] = is_verbatim(item["quote"], source)
