"""Panels and comparisons as JSON files; every number is counted again on loading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from .comparison import Comparison
from .documents import dotted, parse_json, read_text
from .errors import InputError
from .panel import Panel

_MAX_BYTES = 100_000_000
_VERSION = "schema_version"

Saved = TypeVar("Saved", bound=BaseModel)


def panel_json(panel: Panel, *, indent: int | None = 2) -> str:
    """Write a panel as the text of a `.panel.json` file, or of one line of JSONL when `indent` is None."""
    return json.dumps({_VERSION: 1, **panel.model_dump(mode="json")}, indent=indent, ensure_ascii=False) + "\n"


def load_saved(path: Path) -> Comparison | Panel:
    """Load a saved comparison or panel.

    Raises:
        InputError: the file is neither, or a number in it does not match its verdicts.
    """
    data = parse_json(read_text(path, limit=_MAX_BYTES), source=str(path))
    if data.get(_VERSION) != 1:
        found = f"found {data[_VERSION]!r}" if _VERSION in data else "there is none"
        raise InputError(f"{path}: schema_version should be 1, {found}", remedy="Is this a file that panelsynth wrote?")
    if "panels" in data:
        return _load(Comparison, data, path)
    return _load(Panel, {name: value for name, value in data.items() if name != _VERSION}, path)


def _load(kind: type[Saved], data: object, path: Path) -> Saved:
    try:
        return kind.model_validate(data)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = dotted(tuple(first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        remedy = "Every number is counted from the verdicts: change those, or render again from the panels."
        raise InputError(f"{path}: {place + ': ' if place else ''}{message}", remedy=remedy) from exc
