"""Manifest: what an export asked of whom, so that an import can say which line is stale, and why."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..documents import read_lines
from ..errors import InputError
from ..model import part_digests
from ..request import Request

NAME = "manifest.jsonl"
_WHOSE = {"model": "model", "schema": "answer schema", "system": "persona or review template", "user": "tool"}


class Head(BaseModel):
    """What the requests of an export were built with; its first line."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    base_url: str
    tools: tuple[str, ...]
    """As they were named, from the folder that the command was given in."""
    personas: str | None = None
    batch_version: Literal[1] = 1

    def line(self) -> str:
        """Write it as one line."""
        return self.model_dump_json() + "\n"


def entry(request: Request) -> str:
    """Write what is remembered of one request: key, label and a digest of each of its parts."""
    return json.dumps({"key": request.key, "label": request.label, **part_digests(request)}) + "\n"


class Manifest:
    """The manifest of an export's folder.

    Raises:
        InputError: there is none in the folder, or it is none of this version.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        if not self.path.is_file():
            remedy = "Name the export's folder with --export DIR, or the tools with --tools PATH."
            raise InputError(f"{folder}: there is no {NAME}", remedy=remedy)
        try:
            _, first = next(read_lines(self.path), (1, ""))
            self.head = Head.model_validate_json(first)
        except ValidationError as exc:
            remedy = "Export again into an empty folder."
            raise InputError(f"{self.path}: is no manifest of this version", remedy=remedy) from exc

    def find(self, keys: Collection[str]) -> dict[str, dict[str, str]]:
        """Find what was asked under some keys: label and digests, by key."""
        found: dict[str, dict[str, str]] = {}
        for number, text in read_lines(self.path):
            if number > 1 and text[9:73] in keys:  # `{"key": "` takes nine characters, the key 64
                one = json.loads(text)
                found.setdefault(one["key"], one)
        return found


def what_changed(was: dict[str, str], now: Request | None) -> str:
    """Say what has changed since a request was exported."""
    if now is None:
        return "is not among the tools and reviewers given"
    digests = part_digests(now)
    changed = [whose for part, whose in _WHOSE.items() if was.get(part) != digests[part]]
    return f"{' and '.join(changed) or 'sample'} changed"
